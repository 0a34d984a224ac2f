//! The embedded service as its clients see it.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod assignments;
mod categories;
#[cfg(feature = "cidx")]
mod cidx;
mod client;
mod distributions;
mod faults;
mod issuer;
mod managers;
mod registered_users;
mod service;
mod sockets;
