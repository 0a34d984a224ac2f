//! Whole journeys of a client on the sandbox.

#![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]

mod cidx;
mod journeys;
