//! Our stack, layer by layer from the transport outward: what each of them adds.

use std::num::NonZeroU32;
use std::time::Duration;

use amp_api::Asset;
use anyhow::{Result, anyhow};
use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{HeaderValue, Request, Response, Uri};
use retry::{
    AttemptTimeoutLayer, CircuitBreaker, CircuitBreakerLayer, ConcurrencyLimitLayer, DeadlineLayer,
    PauseGate, PauseGateLayer, RetryBudget, RetryLayer, RetryPolicy,
};
use token_core::{CallContext, Idempotency};
use token_manager::{AuthorizeLayer, Origins, TokenManager};
use tokio::runtime::Runtime;
use tower::{BoxError, Layer as _, Service, ServiceBuilder, ServiceExt as _};
use transport::Transport;
use url::Url;

use super::{Client, Order, PATH, authorization, decode};
use crate::SlowProvider;

/// The steps from the transport alone to the whole stack, each with all before it.
pub(super) const NAMES: [&str; 8] = [
    "transport",
    "attempt_timeout",
    "concurrency_limit",
    "circuit_breaker",
    "authorize",
    "pause_gate",
    "retry",
    "deadline",
];

const DAY: Duration = Duration::from_secs(86_400);

/// Does the job with the stack that ends with the step of this name.
pub(super) fn run(order: &Order, runtime: &Runtime) -> Result<()> {
    let origins = Origins::of(&Url::parse(&order.address)?);
    let budget = RetryPolicy::default().with_budget(RetryBudget::default());
    let breaker = CircuitBreaker::new(NonZeroU32::MIN, DAY);

    let transport = ServiceBuilder::new()
        .map_err(BoxError::from)
        .service(Transport::builder().build()?);
    let attempt = AttemptTimeoutLayer::new(DAY).layer(transport.clone());
    let limit = ConcurrencyLimitLayer::new(128).layer(attempt.clone());
    let guarded = CircuitBreakerLayer::new(breaker).layer(limit.clone());
    let authorized = AuthorizeLayer::new(tokens(runtime)?, origins).layer(guarded.clone());
    let gated = PauseGateLayer::new(PauseGate::new()).layer(authorized.clone());
    let retried = RetryLayer::new(budget).layer(gated.clone());
    let bounded = DeadlineLayer::new(DAY).layer(retried.clone());

    // Below the step that authorizes, the request brings its header along.
    let header = Some(authorization()?);
    match order.client.as_str() {
        "transport" => order.run(runtime, Layered::new(transport, order, header)?),
        "attempt_timeout" => order.run(runtime, Layered::new(attempt, order, header)?),
        "concurrency_limit" => order.run(runtime, Layered::new(limit, order, header)?),
        "circuit_breaker" => order.run(runtime, Layered::new(guarded, order, header)?),
        "authorize" => order.run(runtime, Layered::new(authorized, order, None)?),
        "pause_gate" => order.run(runtime, Layered::new(gated, order, None)?),
        "retry" => order.run(runtime, Layered::new(retried, order, None)?),
        _ => order.run(runtime, Layered::new(bounded, order, None)?),
    }
}

/// A manager that holds a token.
fn tokens(runtime: &Runtime) -> Result<TokenManager> {
    let tokens = TokenManager::builder(SlowProvider::new(Duration::ZERO, DAY)).build();
    runtime.block_on(tokens.get_token())?;
    Ok(tokens)
}

/// A caller of some of the layers.
#[derive(Clone)]
struct Layered<S> {
    service: S,
    uri: Uri,
    header: Option<HeaderValue>,
}

impl<S> Layered<S> {
    fn new(service: S, order: &Order, header: Option<HeaderValue>) -> Result<Self> {
        Ok(Self {
            service,
            uri: format!("{}{PATH}", order.address).parse()?,
            header,
        })
    }
}

impl<S> Client for Layered<S>
where
    S: Service<Request<Bytes>, Response = Response<Bytes>, Error = BoxError, Future: Send>,
    S: Clone + Send + Sync + 'static,
{
    async fn another(&self) -> Result<Self> {
        Ok(self.clone())
    }

    async fn get(&mut self) -> Result<Vec<Asset>> {
        let mut request = Request::new(Bytes::new());
        *request.uri_mut() = self.uri.clone();
        if let Some(header) = &self.header {
            request.headers_mut().insert(AUTHORIZATION, header.clone());
        }
        let context = CallContext::new(Idempotency::Safe);
        request.extensions_mut().insert(context);
        let answer = self.service.clone().oneshot(request).await;
        let answer = answer.map_err(|error| anyhow!(error))?;
        decode(answer.status(), answer.body())
    }
}
