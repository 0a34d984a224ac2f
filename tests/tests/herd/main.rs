//! Many tasks and processes on one token file.
//!
//! Each rig also runs over a store that is wrong on purpose, and must find it out.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod deaths;
mod logins;
mod processes;
mod swaps;
