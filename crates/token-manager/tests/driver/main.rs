//! The manager as its users see it: over scripted providers and stores, on paused time.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod authority;
mod clearing;
mod clocks;
mod concurrency;
mod credentials;
mod events;
mod failures;
mod faulty_store;
mod fleet;
mod holders;
mod installing;
mod kit;
mod leases;
mod life_cycle;
mod moody_store;
mod outages;
mod rotation;
mod runtimes;
mod soak;
mod status;
mod stores;
mod validity;
