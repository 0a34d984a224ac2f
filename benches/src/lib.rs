//! What a token and a request cost: the parts that the bench programs share.
//!
//! `cargo xtask bench` builds and runs the programs in `src/bin`, each of which prints one
//! [`Measurement`] per line, and sets their numbers against each other. `docs/performance.md` says
//! what each row means.

mod floor;
mod measurement;
mod provider;
mod samples;
mod subject;
mod watch_polls;

pub mod stack;

pub use floor::Floor;
pub use measurement::Measurement;
pub use provider::SlowProvider;
pub use samples::Samples;
pub use subject::{Borrowed, Empty, Named, RequestHeader, Subject, TokioMutexString, Visitor};
pub use watch_polls::WatchPolls;
