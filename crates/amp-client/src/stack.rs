//! What every request goes through.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use retry::{
    AttemptTimeoutLayer, CallObserver, CircuitBreaker, CircuitBreakerLayer, ConcurrencyLimitLayer,
    DeadlineLayer, PauseGate, PauseGateLayer, RetryBudget, RetryLayer, RetryPolicy, ServerErrors,
    StackBuilder,
};
use token_core::{Clock, RetryConfig};
use token_manager::AuthorizeLayer;
use tower::{Service, ServiceBuilder};
use transport::{CallError, Transport};

use crate::sender::Sender;

/// The stack of API calls, erased so that the client has no type parameters. Calls share it, so none
/// of them clones the layers further out than its tries.
#[derive(Clone)]
pub(crate) struct Stack(Arc<dyn Erased>);

type Answer = Result<Response<Bytes>, CallError>;
type Answering = Pin<Box<dyn Future<Output = Answer> + Send>>;

trait Erased: Send + Sync {
    fn send(&self, request: Request<Bytes>) -> Answering;
}

impl<S> Erased for S
where
    S: Send + Sync + 'static,
    for<'a> &'a S: Service<
            Request<Bytes>,
            Response = Response<Bytes>,
            Error = CallError,
            Future: Send + 'static,
        >,
{
    fn send(&self, request: Request<Bytes>) -> Answering {
        // A reference to the stack is always ready: what has to get ready does so in the future.
        let mut shared = self;
        // The box comes first, so that the future need not be moved into it.
        let place = Box::new_uninit();
        let answering: Box<_> = Box::write(place, Service::call(&mut shared, request));
        Box::into_pin(answering)
    }
}

impl Stack {
    pub(crate) fn send(&self, request: Request<Bytes>) -> Answering {
        self.0.send(request)
    }
}

/// What both stacks are built from.
#[derive(Clone, Debug)]
pub(crate) struct Patience {
    /// How often and how fast; its time-out is that of a try at the token endpoint.
    pub(crate) retry: RetryConfig,
    /// How long one try of an API call may take.
    pub(crate) attempt: Duration,
    /// How long an API call may take altogether.
    pub(crate) total: Duration,
    /// How many tries of API calls may be under way at once.
    pub(crate) at_once: usize,
    /// When the service is left alone.
    pub(crate) breaker: CircuitBreaker,
    /// Who hears of API calls.
    pub(crate) observer: Option<Arc<dyn CallObserver>>,
    /// Judges HTTP dates.
    pub(crate) clock: Arc<dyn Clock>,
}

/// The stack of API calls: every layer, in the order that [`StackBuilder`] keeps.
pub(crate) fn api(transport: Transport, authorize: AuthorizeLayer, patience: &Patience) -> Stack {
    let policy = RetryPolicy::new(&patience.retry).with_budget(RetryBudget::default());
    // A call waits for its permit as long as it may take: money that waits is better than an error.
    let limit = ConcurrencyLimitLayer::new(patience.at_once).with_longest_wait(patience.total);
    let mut stack = StackBuilder::new()
        .with_deadline(DeadlineLayer::new(patience.total))
        .with_retry(RetryLayer::new(policy))
        .with_authorize(authorize)
        .with_circuit_breaker(CircuitBreakerLayer::new(patience.breaker.clone()))
        .with_concurrency_limit(limit)
        .with_attempt_timeout(AttemptTimeoutLayer::new(patience.attempt))
        .with_clock(Arc::clone(&patience.clock));
    if let Some(observer) = &patience.observer {
        stack = stack.with_observer(Arc::clone(observer));
    }
    Stack(Arc::new(stack.share(Sender(transport))))
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
    let mut retry = RetryLayer::new(policy).with_clock(Arc::clone(&patience.clock));
    if let Some(observer) = &patience.observer {
        retry = retry.with_observer(Arc::clone(observer));
    }
    ServiceBuilder::new()
        .layer(retry)
        // A forced login does not ask earlier than the last 429 allowed either.
        .layer(PauseGateLayer::new(PauseGate::new()).with_clock(Arc::clone(&patience.clock)))
        .layer(AttemptTimeoutLayer::new(patience.retry.timeout()))
        .map_err(CallError::from)
        .service(transport)
}
