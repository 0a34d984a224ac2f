//! All layers in their order.

use std::sync::Arc;
use std::time::Duration;

use token_core::Clock;
use tower_layer::{Identity, Layer};

use crate::{
    AttemptTimeout, AttemptTimeoutLayer, CallObserver, CircuitBreaker, CircuitBreakerLayer,
    CircuitGuarded, ConcurrencyLimit, ConcurrencyLimitLayer, Deadline, DeadlineLayer, PauseGate,
    PauseGateLayer, PauseGated, Rechecked, Retry, RetryLayer, RetryPolicy, Shared,
};

/// What is below the layer that authorizes.
pub type BelowAuthorize<S> = CircuitGuarded<ConcurrencyLimit<Rechecked<AttemptTimeout<S>>>>;

/// What a [`StackBuilder`] makes, where `A` is the service of the layer that authorizes.
pub type Stack<A> = Deadline<Retry<PauseGated<A>>>;

/// What [`StackBuilder::share`] makes, where `A` is the service of the layer that authorizes.
pub type SharedStack<A> = Deadline<Retry<Shared<PauseGated<A>>>>;

/// The six layers, and a place for one that authorizes, in the order that keeps their promises; the
/// page of the crate says why. It is a `Layer` itself.
///
/// ```
/// use std::time::Duration;
///
/// use bytes::Bytes;
/// use http::{Request, Response};
/// use retry::{AttemptTimeoutLayer, DeadlineLayer, StackBuilder};
/// use tower::{BoxError, Layer, ServiceExt, service_fn};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
/// let transport = service_fn(|_: Request<Bytes>| async {
///     Ok::<_, BoxError>(Response::new(Bytes::from_static(b"hello")))
/// });
/// let service = StackBuilder::new()
///     .with_deadline(DeadlineLayer::new(Duration::from_secs(30)))
///     .with_attempt_timeout(AttemptTimeoutLayer::new(Duration::from_secs(10)))
///     .layer(transport);
/// let answer = service.oneshot(Request::get("https://api.example.com/").body(Bytes::new())?).await?;
/// assert_eq!(answer.body(), "hello");
/// # Ok::<(), BoxError>(()) })?;
/// # Ok::<(), BoxError>(())
/// ```
#[derive(Clone, Debug)]
pub struct StackBuilder<A = Identity> {
    deadline: DeadlineLayer,
    retry: RetryLayer,
    gate: PauseGateLayer,
    authorize: A,
    breaker: CircuitBreakerLayer,
    limit: ConcurrencyLimitLayer,
    attempt: AttemptTimeoutLayer,
}

impl StackBuilder {
    /// 120 s for a call and 60 s for a try (X-05), the default policy, gate and breaker, ten
    /// requests at once, and nothing that authorizes.
    pub fn new() -> Self {
        Self {
            deadline: DeadlineLayer::new(Duration::from_secs(120)),
            retry: RetryLayer::new(RetryPolicy::default()),
            gate: PauseGateLayer::new(PauseGate::new()),
            authorize: Identity::new(),
            breaker: CircuitBreakerLayer::new(CircuitBreaker::default()),
            limit: ConcurrencyLimitLayer::new(10),
            attempt: AttemptTimeoutLayer::new(Duration::from_secs(60)),
        }
    }
}

impl Default for StackBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl<A> StackBuilder<A> {
    /// Bounds calls by this layer.
    #[must_use]
    pub fn with_deadline(self, deadline: DeadlineLayer) -> Self {
        Self { deadline, ..self }
    }

    /// Repeats by this layer.
    #[must_use]
    pub fn with_retry(self, retry: RetryLayer) -> Self {
        Self { retry, ..self }
    }

    /// Obeys limits by this layer; stacks of the same origins share its gate.
    #[must_use]
    pub fn with_pause_gate(self, gate: PauseGateLayer) -> Self {
        Self { gate, ..self }
    }

    /// Puts a layer that authorizes where it belongs: inside retry, so that each try carries what
    /// is valid then, and outside the limits, so that nobody holds a permit while he renews it.
    pub fn with_authorize<B>(self, authorize: B) -> StackBuilder<B> {
        StackBuilder {
            authorize,
            deadline: self.deadline,
            retry: self.retry,
            gate: self.gate,
            breaker: self.breaker,
            limit: self.limit,
            attempt: self.attempt,
        }
    }

    /// Leaves a failing service alone by this layer.
    #[must_use]
    pub fn with_circuit_breaker(self, breaker: CircuitBreakerLayer) -> Self {
        Self { breaker, ..self }
    }

    /// Sends only so many requests at once, by this layer.
    #[must_use]
    pub fn with_concurrency_limit(self, limit: ConcurrencyLimitLayer) -> Self {
        Self { limit, ..self }
    }

    /// Bounds tries by this layer.
    #[must_use]
    pub fn with_attempt_timeout(self, attempt: AttemptTimeoutLayer) -> Self {
        Self { attempt, ..self }
    }

    /// Gives this clock to the layers that are there now, instead of the system's: it judges HTTP
    /// dates.
    #[must_use]
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self {
            retry: self.retry.with_clock(Arc::clone(&clock)),
            gate: self.gate.with_clock(Arc::clone(&clock)),
            breaker: self.breaker.with_clock(clock),
            ..self
        }
    }

    /// Has the layers that are there now tell this observer of every call, every try, and every wait
    /// between two tries.
    #[must_use]
    pub fn with_observer(self, observer: Arc<dyn CallObserver>) -> Self {
        Self {
            deadline: self.deadline.with_observer(Arc::clone(&observer)),
            retry: self.retry.with_observer(Arc::clone(&observer)),
            attempt: self.attempt.with_observer(observer),
            ..self
        }
    }
}

impl<A> StackBuilder<A> {
    /// The same stack for who makes many calls and calls it by reference: neither it nor what is below its
    /// layers is cloned for each of them. `inner` and the layer that authorizes must do without, too.
    pub fn share<S>(&self, inner: S) -> SharedStack<A::Service>
    where
        A: Layer<Shared<BelowAuthorize<S>>>,
    {
        let below = Shared::new(self.below_authorize(inner));
        let above = Shared::new(self.gate.layer(self.authorize.layer(below)));
        self.deadline.layer(self.retry.layer(above))
    }

    fn below_authorize<S>(&self, inner: S) -> BelowAuthorize<S> {
        // Whoever waited for a token or a permit may have been overtaken by a pause or a failure.
        let recheck = self.gate.recheck(Some(self.breaker.breaker()));
        let sent = recheck.layer(self.attempt.layer(inner));
        self.breaker.layer(self.limit.layer(sent))
    }
}

impl<S, A: Layer<BelowAuthorize<S>>> Layer<S> for StackBuilder<A> {
    type Service = Stack<A::Service>;

    fn layer(&self, inner: S) -> Self::Service {
        let below = self.below_authorize(inner);
        let above = self.gate.layer(self.authorize.layer(below));
        self.deadline.layer(self.retry.layer(above))
    }
}
