//! The `token-core` crate.
