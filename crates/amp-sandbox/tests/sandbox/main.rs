//! The embedded service as its clients see it.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod client;
mod faults;
mod service;
mod sockets;
