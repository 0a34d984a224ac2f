//! The `amp-client` crate.
