//! The client on real sockets.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod answers;
#[cfg(feature = "proxy")]
mod network;
mod requests;
mod rig;
