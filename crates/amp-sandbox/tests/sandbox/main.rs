//! The embedded service as its clients see it.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod categories;
#[cfg(feature = "cidx")]
mod cidx;
mod client;
mod faults;
mod managers;
mod registered_users;
mod service;
mod sockets;
