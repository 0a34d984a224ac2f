//! The rows and the types of this crate against the description of the service, `data/amp-api.yaml`.
//!
//! Every operation of the description has one row, one typed request and one reader of its answer,
//! and they agree with it; whatever the description allows in an answer can be read.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod answers;
mod case;
mod cases;
mod description;
mod requests;
mod rows;
mod samples;
mod schema;
