//! The pause gate and the circuit breaker under every order of their callers, or under very many.
//!
//! This is compiled with `--cfg shuttle` alone, by `cargo xtask test model`. The pieces of `sync.rs`
//! and the time of `runtime.rs` are then the model's; all else is the code that runs for users. Each
//! model comes with a bug that it must find. The concurrency limit is not modelled: its queue is
//! tokio's semaphore, which knows no other mutex than its own.

mod circuit;
#[path = "../../../tests/models/explore.rs"]
mod explore;
mod gate;
mod kit;
pub(crate) mod planted;

use crate::runtime;
