//! The `token-store` crate.
