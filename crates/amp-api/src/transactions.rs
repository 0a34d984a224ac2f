//! Transactions of the chain, whatever they are about.

mod broadcast;

pub use broadcast::Broadcast;
