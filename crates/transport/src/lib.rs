//! The `transport` crate.
