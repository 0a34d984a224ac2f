//! The command `amp` on hosts that share a Redis server.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod fleet;
mod hosts;
mod moving;
mod outage;
#[path = "../../../../tests/tests/redis/page.rs"]
mod page;
#[expect(dead_code, reason = "the suite of the store needs more of it")]
#[path = "../../../../tests/tests/redis/server.rs"]
mod server;
