//! The `amp-sandbox` crate.
