//! The client against the embedded service, without sockets and on a paused clock.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod deletions;
mod errors;
mod limits;
mod money;
mod passwords;
mod replays;
mod rig;
mod settings;
mod tokens;
