//! The fault catalogue: everything that can go wrong between a client and a service, on an
//! in-memory network under a paused clock, over HTTP/1.1 and HTTP/2.
//!
//! `fault` names what a server does wrong, `server` does it, `stack` is the client with every layer,
//! `catalogue` says what comes of each fault, `random` tries scripts of them.

#![expect(clippy::unwrap_used, reason = "the helpers of a test fail with it")]

mod catalogue;
mod clock_step;
mod connections;
mod fault;
mod random;
mod repeat;
mod server;
mod stack;
mod storm;
mod unauthorized;
