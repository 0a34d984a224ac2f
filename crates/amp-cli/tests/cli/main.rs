//! The command `amp` as a process, against a service of each test's own.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod api;
mod assets;
mod auth;
mod completions;
mod confirm;
mod demo;
mod dry_run;
#[cfg(unix)]
mod every;
mod failures;
mod files;
mod journey;
mod rig;
mod sandbox;
mod secrets;
mod settings;
mod storage;
#[cfg(unix)]
mod story;
#[cfg(unix)]
mod terminal;
