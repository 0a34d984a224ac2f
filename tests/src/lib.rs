//! What tests across crates share: the stores, the records and the steps that the rigs are made
//! of.

mod records;
pub mod rig;
pub mod steps;
pub mod stores;
pub mod wrong_store;

pub use records::{CANARY, change_to, expired_token, kept_at, renewable_token, stored_token};
