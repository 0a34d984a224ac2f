//! What a person is told while a command waits: why, for how long yet, and how far a batch is.

mod observers;
mod spinner;
mod state;

pub(crate) use spinner::{ERASED, Waiting};
pub(crate) use state::Progress;
