//! The `retry` crate.
