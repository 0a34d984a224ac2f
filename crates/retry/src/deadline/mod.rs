//! The whole call's time.

mod future;
mod layer;
mod service;

pub use future::DeadlineFuture;
pub use layer::DeadlineLayer;
pub use service::Deadline;

#[cfg(test)]
mod tests;
