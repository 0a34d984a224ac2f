//! The client against the embedded service, or against one that answers by a script, without sockets
//! and on a paused clock.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod assignments;
mod deletions;
mod directory;
mod errors;
mod lifecycle;
mod limits;
mod money;
mod names;
mod notes;
mod operations;
mod passwords;
#[cfg(all(unix, feature = "redis"))]
mod redis;
mod registrations;
mod replays;
mod rig;
mod scripted;
mod settings;
mod tokens;
mod waiting;
