//! Tower layers that bound, repeat and slow down HTTP calls, and the pure decisions behind them.
//!
//! The layers work over any `Service<http::Request<Bytes>, Response = http::Response<Bytes>>` whose
//! error can hold a [`Stopped`](token_core::Stopped) and tell what it means
//! ([`Classify`](token_core::Classify)); `tower::BoxError` can. They know nothing about tokens or any
//! particular API, open no connection (`transport` does) and read no environment.
//!
//! # The order, outermost first
//!
//! 1. [`DeadlineLayer`]: bounds everything below it, waits included.
//! 2. [`RetryLayer`]: each repetition passes all layers below again, and a wait holds none of them.
//! 3. [`PauseGateLayer`]: one 429 slows every caller of that origin.
//! 4. Authorization (`token-manager`): each try gets a live token.
//! 5. [`CircuitBreakerLayer`]: a service that keeps failing is left alone.
//! 6. [`ConcurrencyLimitLayer`]: so many tries at once; whoever sleeps or renews a token holds no
//!    permit.
//! 7. [`AttemptTimeoutLayer`]: bounds one try from connecting to the end of the body, and has the
//!    transport drop the connection.
//! 8. The transport, which says what was sent.
//!
//! They share one `CallContext`, which travels in the request's extensions: class, deadline, and the
//! book of tries. Whoever calls puts one there, with the class of the operation; a request without
//! one counts as [`OnlyIfUnprocessed`](token_core::Idempotency::OnlyIfUnprocessed), so that nothing
//! is done twice by accident.
//!
//! ```
//! use std::time::Duration;
//!
//! use bytes::Bytes;
//! use http::{Request, Response};
//! use retry::{AttemptTimeoutLayer, DeadlineLayer, PauseGate, PauseGateLayer, RetryLayer, RetryPolicy};
//! use token_core::{CallContext, Idempotency, RetryConfig};
//! use tower::{BoxError, ServiceBuilder, ServiceExt, service_fn};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
//! let transport = service_fn(|_: Request<Bytes>| async {
//!     Ok::<_, BoxError>(Response::new(Bytes::from_static(b"hello")))
//! });
//! let service = ServiceBuilder::new()
//!     .layer(DeadlineLayer::new(Duration::from_secs(120)))
//!     .layer(RetryLayer::new(RetryPolicy::new(&RetryConfig::default())))
//!     .layer(PauseGateLayer::new(PauseGate::new()))
//!     .layer(AttemptTimeoutLayer::new(Duration::from_secs(60)))
//!     .service(transport);
//!
//! let call = CallContext::new(Idempotency::Safe);
//! let request = Request::get("https://api.example.com/info").extension(call.clone());
//! let answer = service.oneshot(request.body(Bytes::new())?).await?;
//! assert_eq!(answer.body(), "hello");
//! assert_eq!(call.ledger().attempts(), 1);
//! # Ok::<(), BoxError>(()) })?;
//! # Ok::<(), BoxError>(())
//! ```
//!
//! What follows from each outcome, and how to use one layer alone around hyper, reqwest or tonic, is in
//! `docs/layers.md` of the repository; `examples/` has programs.
//!
//! # Features
//!
//! None.
//!
//! # Neighbours
//!
//! `token-core` has the shared words, the back-off and the settings; `transport` is the usual service
//! below; `token-manager` has the layer that authorizes.

mod attempt_timeout;
mod budget;
mod call;
mod circuit_breaker;
mod client;
mod concurrency_limit;
mod deadline;
mod decision;
mod draws;
#[cfg(all(test, shuttle))]
mod models;
mod monotonic;
mod observer;
mod pause_gate;
mod policy;
mod recheck;
mod retry;
#[cfg_attr(all(test, shuttle), path = "models/runtime.rs")]
mod runtime;
mod shared;
mod stack;
#[cfg_attr(all(test, shuttle), path = "models/sync.rs")]
mod sync;
mod wall;

pub use attempt_timeout::{AttemptTimeout, AttemptTimeoutFuture, AttemptTimeoutLayer};
pub use budget::{Bucket, RetryBudget};
pub use circuit_breaker::{
    CircuitBreaker, CircuitBreakerFuture, CircuitBreakerLayer, CircuitGuarded, CircuitState, Health,
};
pub use client::RetryClient;
pub use concurrency_limit::{ConcurrencyLimit, ConcurrencyLimitFuture, ConcurrencyLimitLayer};
pub use deadline::{Deadline, DeadlineFuture, DeadlineLayer};
pub use decision::{Decision, RetryState, decide};
pub use observer::{AttemptEnd, CallEnd, CallObserver, RetryWait};
pub use pause_gate::{PauseGate, PauseGateFuture, PauseGateLayer, PauseGated};
pub use policy::{RetryPolicy, ServerErrors};
pub use recheck::{RecheckFuture, Rechecked};
pub use retry::{Retry, RetryFuture, RetryLayer};
pub use shared::Shared;
pub use stack::{BelowAuthorize, SharedStack, Stack, StackBuilder};

#[cfg(test)]
mod fakes;

#[cfg(test)]
mod tests;
