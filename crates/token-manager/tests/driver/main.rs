//! The manager as its users see it: over scripted providers and stores, on paused time.

mod clearing;
mod concurrency;
mod failures;
mod kit;
mod life_cycle;
mod runtimes;
mod stores;
mod validity;
