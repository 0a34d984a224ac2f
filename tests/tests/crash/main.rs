//! What interrupts a store, tears nothing, loses nothing that it acknowledged, and holds nothing.
//!
//! Each rig also runs over stores that are wrong on purpose, and must find them out.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[cfg(target_os = "linux")]
mod creation;
#[cfg(target_os = "linux")]
mod errors;
mod kills;
#[cfg(target_os = "linux")]
mod outcome;
#[cfg(target_os = "linux")]
mod points;
#[cfg(target_os = "linux")]
mod power;
#[cfg(target_os = "linux")]
mod room;
#[cfg(target_os = "linux")]
mod sweep;
#[cfg(target_os = "linux")]
mod tracer;
