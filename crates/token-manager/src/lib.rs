//! The `token-manager` crate.
