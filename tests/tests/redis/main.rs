//! The Redis store on a real server that is killed, wiped and taken away.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod contract;
mod course;
mod fleet;
mod log;
mod operations;
mod outage;
mod page;
mod secrecy;
mod server;
mod stalls;
