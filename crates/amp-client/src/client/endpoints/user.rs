//! The account itself.
