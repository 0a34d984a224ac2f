//! The client with every layer, as `retry` stacks them.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use retry::{
    AttemptTimeoutLayer, ConcurrencyLimitLayer, DeadlineLayer, RetryBudget, RetryLayer,
    RetryPolicy, StackBuilder,
};
use token_core::{CallContext, Clock, Idempotency, RetryConfig};
use token_manager::{AuthorizeLayer, Origins, PausedClock, ScriptedProvider, TokenManager};
use tower::util::BoxCloneSyncService;
use tower::{Layer, ServiceBuilder, ServiceExt};
use transport::CallError;
use url::Url;

use crate::server::Server;

/// Tries of a call, the first included.
pub(crate) const ATTEMPTS: u32 = 3;
/// The time of a try: more than connecting may take.
pub(crate) const ATTEMPT: Duration = Duration::from_secs(15);
/// The time of a call, unless the test sets another.
pub(crate) const TOTAL: Duration = Duration::from_secs(120);

/// More than any test has callers: who waits for a permit passed the gate before.
const PERMITS: usize = 128;

pub(crate) const PLAIN: &str = "http://api.example.com";
pub(crate) const SECURE: &str = "https://api.example.com";

type Stack = BoxCloneSyncService<Request<Bytes>, Response<Bytes>, CallError>;

/// A client of one server. A clone shares everything.
#[derive(Clone)]
pub(crate) struct Client {
    stack: Stack,
    origin: &'static str,
    pub(crate) tokens: TokenManager,
    pub(crate) provider: ScriptedProvider,
}

impl Client {
    pub(crate) fn new(server: &Server) -> Self {
        Self::with_clock(server, PLAIN, Arc::new(PausedClock::new()))
    }

    pub(crate) fn with_clock(server: &Server, origin: &'static str, clock: Arc<dyn Clock>) -> Self {
        let provider = ScriptedProvider::with_latency(Duration::from_millis(50));
        let tokens = TokenManager::builder(provider.clone())
            .clock(Arc::clone(&clock))
            .build();
        let origins = Origins::of(&Url::parse(origin).unwrap());
        let config = RetryConfig::builder().with_max_attempts(ATTEMPTS);
        let policy = RetryPolicy::new(&config.build().unwrap()).with_budget(RetryBudget::default());
        let transport = ServiceBuilder::new()
            .map_err(CallError::from)
            .service(server.transport());
        let stack = StackBuilder::new()
            .with_deadline(DeadlineLayer::new(TOTAL))
            .with_retry(RetryLayer::new(policy).with_seed(7))
            .with_authorize(AuthorizeLayer::new(tokens.clone(), origins))
            .with_concurrency_limit(ConcurrencyLimitLayer::new(PERMITS))
            .with_attempt_timeout(AttemptTimeoutLayer::new(ATTEMPT))
            .with_clock(clock)
            .layer(transport);
        Self {
            stack: BoxCloneSyncService::new(stack),
            origin,
            tokens,
            provider,
        }
    }

    /// Makes a call of this class.
    pub(crate) async fn call(
        &self,
        path: &str,
        class: Idempotency,
    ) -> Result<Response<Bytes>, CallError> {
        self.call_with(path, &CallContext::new(class)).await
    }

    /// Makes this call.
    pub(crate) async fn call_with(
        &self,
        path: &str,
        call: &CallContext,
    ) -> Result<Response<Bytes>, CallError> {
        let request = request(self.origin, path, call);
        self.stack.clone().oneshot(request).await
    }
}

pub(crate) fn request(origin: &str, path: &str, call: &CallContext) -> Request<Bytes> {
    Request::post(format!("{origin}{path}"))
        .extension(call.clone())
        .body(Bytes::from_static(b"{\"amount\":1}"))
        .unwrap()
}

/// A result in one line.
pub(crate) fn told(result: &Result<Response<Bytes>, CallError>) -> String {
    match result {
        Ok(answer) => {
            let body = String::from_utf8_lossy(answer.body());
            format!("{} {body}", answer.status().as_u16())
        }
        Err(error) => error.to_string(),
    }
}
