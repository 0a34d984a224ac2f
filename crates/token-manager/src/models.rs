//! The driver under every order of its threads, or under very many.
//!
//! This is compiled with `--cfg shuttle` alone, by `cargo xtask test model`. The mutex and the
//! pointer of `sync.rs` and the tasks and timers of `runtime.rs` are then shuttle's; all else is
//! the code that runs for users. Each model comes with a bug that it must find.

mod clearing;
mod closing;
mod dying;
#[path = "../../../tests/models/explore.rs"]
mod explore;
mod kit;
mod publishing;
mod rejections;
mod telling;
mod waiting;

use crate::driver::planted;
use crate::runtime;
