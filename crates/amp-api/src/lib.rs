//! The `amp-api` crate.
