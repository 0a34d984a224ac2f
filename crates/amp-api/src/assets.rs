//! Assets: list, get, issue, lock, unlock.

mod asset;
mod issue;

pub use asset::Asset;
pub use issue::{IssueAsset, IssuedAsset};
