//! One 429 slows every caller of that origin.

mod future;
mod gate;
mod layer;
mod service;
mod state;

pub use future::PauseGateFuture;
pub use gate::PauseGate;
pub(crate) use gate::{Entry, Origin};
pub(crate) use layer::Patience;
pub use layer::PauseGateLayer;
pub use service::PauseGated;

#[cfg(test)]
mod tests;
