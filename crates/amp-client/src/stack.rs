//! What every request goes through.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use retry::{
    AttemptTimeoutLayer, DeadlineLayer, PauseGate, PauseGateLayer, RetryBudget, RetryLayer,
    RetryPolicy, ServerErrors,
};
use token_core::{Clock, RetryConfig};
use token_manager::AuthorizeLayer;
use tower::util::BoxCloneSyncService;
use tower::{Service, ServiceBuilder};
use transport::Transport;

use crate::error::CallError;

/// The stack of API calls, erased so that the client has no type parameters.
pub(crate) type Stack = BoxCloneSyncService<Request<Bytes>, Response<Bytes>, CallError>;

/// What both stacks are built from.
#[derive(Clone, Debug)]
pub(crate) struct Patience {
    /// How often and how fast; its time-out is that of a try at the token endpoint.
    pub(crate) retry: RetryConfig,
    /// How long one try of an API call may take.
    pub(crate) attempt: Duration,
    /// How long an API call may take altogether.
    pub(crate) total: Duration,
    /// Judges HTTP dates.
    pub(crate) clock: Arc<dyn Clock>,
}

/// The stack of API calls, outermost first.
pub(crate) fn api(transport: Transport, authorize: AuthorizeLayer, patience: &Patience) -> Stack {
    let clock = || Arc::clone(&patience.clock);
    let policy = RetryPolicy::new(&patience.retry).with_budget(RetryBudget::default());
    let service = ServiceBuilder::new()
        // Bounds everything below, waits and renewals included.
        .layer(DeadlineLayer::new(patience.total))
        // Above everything that a repetition has to pass again; a wait holds nothing.
        .layer(RetryLayer::new(policy).with_clock(clock()))
        // Below retry, so that one 429 slows every call and not only the one that met it.
        .layer(PauseGateLayer::new(PauseGate::new()).with_clock(clock()))
        // Inside retry: each try asks for a live token. Outside the time-out of a try: a renewal
        // does not use up the time of the request that waits for it.
        .layer(authorize)
        // Bounds connecting, head and body of one try, so that retry can act. A request which any
        // timer gives up leaves its note here.
        .layer(AttemptTimeoutLayer::new(patience.attempt))
        // The one place where the transport's error becomes that of the stack.
        .map_err(CallError::from)
        .service(transport);
    BoxCloneSyncService::new(service)
}

/// The stack of the token endpoint. Its deadline is the flight's, which every request brings
/// along; its gate is its own, and it never waits for a token.
pub(crate) fn token(
    transport: Transport,
    patience: &Patience,
) -> impl Service<Request<Bytes>, Response = Response<Bytes>, Error = CallError, Future: Send>
+ Clone
+ Send
+ Sync
+ 'static {
    // Asking for a token twice does no harm, so every 5xx is worth another try.
    let policy = RetryPolicy::new(&patience.retry).with_server_errors(ServerErrors::All);
    ServiceBuilder::new()
        .layer(RetryLayer::new(policy).with_clock(Arc::clone(&patience.clock)))
        // A forced login does not ask earlier than the last 429 allowed either.
        .layer(PauseGateLayer::new(PauseGate::new()).with_clock(Arc::clone(&patience.clock)))
        .layer(AttemptTimeoutLayer::new(patience.retry.timeout()))
        .map_err(CallError::from)
        .service(transport)
}
