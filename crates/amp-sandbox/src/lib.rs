//! An embedded service that behaves like the Blockstream AMP API, with state and with faults.
//!
//! It hands out tokens of 40 hex characters that expire and can be revoked, has state behind every operation, answers
//! errors in the words of the framework behind the real service, and does on demand what networks do: late answers, 5xx
//! pages, 429 with and without Retry-After, connections that end before or after a request took effect. It counts every
//! request, and keeps neither its headers nor its body. An asset issued twice is there twice, so a client that
//! sends a request again when it must not is caught.
//!
//! It is not a proxy, it knows nothing of Liquid, and nothing in it is secret: its tokens and passwords are made up
//! and live in plain memory, though no log or Debug output shows them. It listens on loopback only, and answers only
//! requests whose Host header says so and no web page of another host.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use amp_sandbox::Sandbox;
//!
//! let sandbox = Sandbox::builder().seed(7).start().await?;
//! sandbox.inject("POST /assets/issue=reset-after".parse()?);
//! // A client pointed at `sandbox.base_url()` issues an asset here, and gets no answer.
//! assert!(sandbox.base_url().starts_with("http://127.0.0.1:"));
//! assert_eq!((sandbox.total(), sandbox.issued_count()), (0, 0));
//! sandbox.shutdown().await;
//! # Ok(())
//! # }
//! ```
//!
//! # Without sockets
//! [`SandboxBuilder::in_memory`] serves over [`Sandbox::connect`] alone. All its time is tokio's, so a test that
//! pauses the clock waits for no latency, and a token expires when the test says so.
//!
//! # Accounts
//! The account of the builder is the issuer's. Managers that it creates log in at the same place, once they are unlocked,
//! and see the assets that they were given; what is the issuer's business is refused to them. A changed password ends the
//! tokens of its account alone, until a reset. Every text in the form of a GAID (`GA` and 27 or 28 characters of base58)
//! is a wallet; [`SandboxHandle::new_gaid`] draws one.
//!
//! # Money without a node
//! Distributing, reissuing and burning are orders to the node of the issuer. The sandbox plays that node: with
//! [`SandboxHandle::node`], or `POST /_sandbox/node/send` and so on, which take the instructions of an operation as they
//! are and answer the body that reports the result. Each asset has a book of its transactions, from which ownerships,
//! balances, outputs, activities and sums are read; [`SandboxHandle::ledger`] shows that nothing happened twice.
//!
//! # Steering from outside
//! `GET /_sandbox/counts` and `/_sandbox/ledger` are [`SandboxHandle::counts`] and [`SandboxHandle::ledger`].
//! `GET /_sandbox/requests` lists the requests as `{ "method", "path", "status", "at_ms" }`; `POST /_sandbox/reset`,
//! `/_sandbox/revoke-tokens`, `/_sandbox/new-gaid` and `/_sandbox/faults` (one [`Fault`] in each line, or a JSON array of
//! texts) do what the methods of [`SandboxHandle`] do. These requests are not recorded.
//!
//! # Features and neighbours
//! `cidx` adds `SandboxBuilder::cidx`: the service of the CIDX client, with JWTs and refresh tokens. Faults, records,
//! clock and limits are the same. The crate depends on no other crate of the workspace and keeps its own wire types, so
//! that it cannot share a mistake with the client it tests. The `amp` command runs it as `amp sandbox`, for `amp
//! demo` and for `--sandbox`.

mod account;
mod answer;
mod assets;
mod assignments;
mod body;
mod book;
mod broadcasts;
mod builder;
mod caller;
mod categories;
mod chain;
#[cfg(feature = "cidx")]
mod cidx;
mod clock;
mod coins;
mod connection;
mod control;
mod distributions;
mod error;
mod fault;
mod fields;
mod gaid;
mod handle;
mod hex;
mod host;
mod issuance;
mod ledger;
mod managers;
mod node;
mod page;
mod path;
mod query;
mod rate_limit;
mod record;
mod registered_users;
mod report;
mod routes;
mod sandbox;
mod service;
mod settings;
mod state;
mod timestamp;
mod tokens;

pub use builder::SandboxBuilder;
#[cfg(feature = "cidx")]
pub use cidx::JwtAlgorithm;
pub use error::SandboxError;
pub use fault::{ErrorPage, Fault, FaultKind, ParseFaultError, RetryAfter, Skew, Timing};
pub use handle::SandboxHandle;
pub use ledger::LedgerRow;
pub use node::{NodeCommand, NodeRefusal};
pub use rate_limit::RateLimit;
pub use record::{OperationCount, RequestRecord};
pub use sandbox::{DEFAULT_PASSWORD, DEFAULT_USERNAME, Sandbox};
