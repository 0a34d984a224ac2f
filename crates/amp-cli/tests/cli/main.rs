//! The command `amp` as a process, against a service of each test's own.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod api;
mod assets;
mod auth;
mod completions;
mod confirm;
mod demo;
mod dry_run;
mod failures;
mod files;
mod rig;
mod sandbox;
mod secrets;
mod settings;
mod storage;
#[cfg(unix)]
mod terminal;
