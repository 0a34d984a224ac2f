//! The test kit: what stands in for the world in tests, and what finds a leaked secret.

mod base64;
mod call_log;
mod canary;
mod clock;
mod event_log;
mod output;
mod provider;
mod reply;

pub use call_log::{Call, CallKind, CallLog};
pub use canary::Canary;
pub use clock::PausedClock;
pub use event_log::EventLog;
pub use output::Output;
pub use provider::ScriptedProvider;
pub use reply::Reply;
