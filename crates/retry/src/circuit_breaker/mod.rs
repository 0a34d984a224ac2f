//! A service that keeps failing is left alone for a while.

mod breaker;
mod circuit;
mod future;
mod health;
mod layer;
mod service;

pub use breaker::{CircuitBreaker, CircuitState};
pub(crate) use breaker::{Entry, Refused};
pub use future::CircuitBreakerFuture;
pub use health::Health;
pub use layer::CircuitBreakerLayer;
pub(crate) use layer::Judge;
pub use service::CircuitGuarded;

#[cfg(test)]
mod tests;
