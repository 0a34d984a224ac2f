//! The embedded service as its clients see it.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod assets;
mod assignments;
mod broadcasts;
mod categories;
#[cfg(feature = "cidx")]
mod cidx;
mod client;
#[expect(dead_code, reason = "the tests of amp-api use all of it")]
#[path = "../../../amp-api/tests/spec/description.rs"]
mod description;
mod distributions;
mod faults;
mod gaids;
mod history;
mod holdings;
mod issuer;
mod ledger;
mod managers;
mod registered_users;
#[expect(dead_code, reason = "the tests of amp-api use all of it")]
#[path = "../../../amp-api/tests/spec/schema.rs"]
mod schema;
mod service;
mod sockets;
mod spec;
mod supply;
mod treasury;
