//! What requests go through, outermost first.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use retry::{AttemptTimeoutLayer, DeadlineLayer, PauseGate, PauseGateLayer, RetryBudget};
use retry::{CircuitBreaker, CircuitBreakerLayer, ConcurrencyLimitLayer};
use retry::{Health, RetryLayer, RetryPolicy, ServerErrors};
use token_core::{Clock, RetryConfig};
use token_manager::{AuthorizeLayer, JsonProfile};
use tower::{Layer, ServiceBuilder, util::BoxCloneSyncService};
use transport::Transport;

use crate::CidxError;

pub(crate) type Stack = BoxCloneSyncService<Request<Bytes>, Response<Bytes>, CidxError>;

/// Logins and refreshes, of which the flight brings the deadline.
pub(crate) struct TokenStacks {
    pub(crate) login: Stack,
    pub(crate) refresh: Stack,
}

/// Calls of the API: 2 tries (C-60), 30 s for each, as long as the seed waits for an answer (C-44).
pub(crate) fn api(
    transport: Transport,
    authorize: AuthorizeLayer,
    clock: &Arc<dyn Clock>,
) -> Stack {
    let service = ServiceBuilder::new()
        .layer(DeadlineLayer::new(Duration::from_secs(120)))
        .layer(retry(policy(2).with_budget(RetryBudget::default()), clock))
        .layer(gate(clock))
        // Inside retry: each try asks for a live token.
        .layer(authorize)
        // Ten at once (C-45), below everything that waits: nobody holds a permit meanwhile.
        .layer(ConcurrencyLimitLayer::new(10))
        .layer(AttemptTimeoutLayer::new(Duration::from_secs(30)))
        .map_err(CidxError::from)
        .service(transport);
    BoxCloneSyncService::new(service)
}

/// The token endpoint: 3 tries (C-42), each 5xx is worth another (C-38), 10 s for each.
pub(crate) fn token(
    transport: &Transport,
    profile: &JsonProfile,
    clock: &Arc<dyn Clock>,
) -> TokenStacks {
    let profile = profile.clone();
    let breaker = CircuitBreakerLayer::new(CircuitBreaker::default())
        .with_clock(Arc::clone(clock))
        .with_health(move |answer| health(&profile, answer));
    // Shared, so that one 429 slows logins and refreshes alike.
    let above = (
        retry(policy(3).with_server_errors(ServerErrors::All), clock),
        gate(clock),
    );
    let below = ServiceBuilder::new()
        .layer(AttemptTimeoutLayer::new(Duration::from_secs(10)))
        .map_err(CidxError::from)
        .service(
            transport
                .clone()
                .with_body_limit(Transport::TOKEN_BODY_LIMIT),
        );
    TokenStacks {
        // Below retry: each try counts, and an open circuit is not waited for (C-31, C-40).
        login: BoxCloneSyncService::new(above.layer(breaker.layer(below.clone()))),
        // A token must be able to renew itself while logins fail.
        refresh: BoxCloneSyncService::new(above.layer(below)),
    }
}

/// A success without a token is the page of something in between, and a failure.
fn health(profile: &JsonProfile, answer: &Response<Bytes>) -> Health {
    let status = answer.status();
    let is_page = status.is_success() && !profile.holds_token(answer.body());
    if is_page || status.is_redirection() {
        return Health::Fails;
    }
    Health::of_status(status)
}

/// Pauses from 1 s, doubling to 60 s (C-38, C-60).
fn policy(attempts: u32) -> RetryPolicy {
    let config = RetryConfig::builder().with_max_attempts(attempts);
    let config = config.with_max_delay(Duration::from_secs(60)).build();
    RetryPolicy::new(&config.expect("some tries, and the default pauses below 60 s"))
}

fn retry(policy: RetryPolicy, clock: &Arc<dyn Clock>) -> RetryLayer {
    RetryLayer::new(policy).with_clock(Arc::clone(clock))
}

fn gate(clock: &Arc<dyn Clock>) -> PauseGateLayer {
    PauseGateLayer::new(PauseGate::new()).with_clock(Arc::clone(clock))
}
