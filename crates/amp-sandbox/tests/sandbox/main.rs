//! The embedded service as its clients see it.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod assets;
mod assignments;
mod broadcasts;
mod categories;
#[cfg(feature = "cidx")]
mod cidx;
mod client;
mod distributions;
mod faults;
mod history;
mod holdings;
mod issuer;
mod ledger;
mod managers;
mod registered_users;
mod service;
mod sockets;
mod supply;
mod treasury;
