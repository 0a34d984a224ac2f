//! Keeps bearer tokens between calls, tasks and processes.
//!
//! A [`TokenStore`] keeps one record under a [`Generation`] that only grows, changes it by
//! compare-and-swap, and hands out a [`Lease`] so that one flight in the world renews it. It
//! decides nothing about expiry, never talks to an authority and holds no lock while anybody does.
//!
//! `MemoryStore` keeps the record in the process; `FileStore` shares it between processes.
//! Another backend implements [`TokenStore`] and passes `check_contract` (feature `test-util`).
//!
//! # Neighbours
//!
//! `token-core` has the values; `token-manager` decides when to load, lease and commit.

mod binding;
#[cfg(any(test, feature = "test-util"))]
mod contract;
mod error;
mod lease;
mod memory;
mod recent;
mod record;
mod shared;
mod store;

pub use binding::{Binding, InvalidBinding, Origin};
#[cfg(any(test, feature = "test-util"))]
pub use contract::{check_contract, check_contract_between};
pub use error::{StoreError, StoreErrorKind};
pub use lease::{FailureNote, Fence, Lease, LeaseAttempt, LeaseFuture, LeaseGuard};
pub use memory::MemoryStore;
pub use record::{Change, Commit, Committed, Generation, LoadNotice, Loaded, OpId, Record};
pub use shared::SharedTokenStore;
pub use store::TokenStore;
