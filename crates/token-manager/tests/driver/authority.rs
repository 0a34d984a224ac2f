//! An authority that answers by chance, a service that believes it, and what both remember.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{Ready, ready};
use http::{Request, Response, StatusCode, header};
use token_core::flight::Renewal;
use token_core::{
    AccessToken, CallContext, ErrorClass, Grant, Idempotency, Lifetime, RateLimited, TokenData,
    TokenError,
};
use token_manager::{FlightContext, TokenProvider};
use tokio::time::{Instant, sleep};
use tower::{BoxError, Service};

use crate::kit::{DAY, failure, millis, secs};

/// Hands out tokens, fails, limits and refuses by chance, and knows what must not happen.
#[derive(Clone, Debug)]
pub(crate) struct Authority(Arc<Mutex<World>>);

#[derive(Debug)]
struct World {
    rng: fastrand::Rng,
    /// One manager alone heeds every answer; others do not know of its credentials.
    is_alone: bool,
    is_healthy: bool,
    under_way: u32,
    most_at_a_time: u32,
    not_before: Option<Instant>,
    too_early: u32,
    ends: HashMap<String, Instant>,
    revoked: u32,
}

/// One request to the authority; it ends when its flight gives it up, too.
struct UnderWay(Authority);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.world().under_way -= 1;
    }
}

impl Authority {
    pub(crate) fn new(seed: u64, is_alone: bool) -> Self {
        Self(Arc::new(Mutex::new(World {
            rng: fastrand::Rng::with_seed(seed),
            is_alone,
            is_healthy: true,
            under_way: 0,
            most_at_a_time: 0,
            not_before: None,
            too_early: 0,
            ends: HashMap::new(),
            revoked: 0,
        })))
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap()
    }

    pub(crate) fn change_mood(&self) {
        let mut world = self.world();
        world.is_healthy = !world.is_healthy;
    }

    pub(crate) fn calm_down(&self) {
        self.world().is_healthy = true;
    }

    pub(crate) fn revoke_all(&self) {
        let count = self.count();
        self.world().revoked = count;
    }

    /// How many tokens there are so far; they are numbered from 0.
    pub(crate) fn count(&self) -> u32 {
        self.world().ends.len() as u32
    }

    pub(crate) fn number(&self, token: &AccessToken) -> u32 {
        number(token.expose_secret())
    }

    pub(crate) fn end(&self, token: &AccessToken) -> Instant {
        self.world().ends[token.expose_secret()]
    }

    pub(crate) fn most_at_a_time(&self) -> u32 {
        self.world().most_at_a_time
    }

    pub(crate) fn asked_too_early(&self) -> u32 {
        self.world().too_early
    }

    fn enter(&self) -> (UnderWay, Duration) {
        let mut world = self.world();
        world.under_way += 1;
        world.most_at_a_time = world.most_at_a_time.max(world.under_way);
        if world.not_before.is_some_and(|at| Instant::now() < at) {
            world.too_early += 1;
        }
        let is_slow = !world.is_healthy && world.rng.u8(..5) == 0;
        let latency = world.rng.u64(..if is_slow { 60_000 } else { 3_000 });
        (UnderWay(self.clone()), millis(latency))
    }

    async fn answer(&self, renewed: Option<&TokenData>) -> Result<Grant, TokenError> {
        let asked_at = Instant::now();
        let (_under_way, latency) = self.enter();
        sleep(latency).await;
        self.world().answer(renewed, asked_at)
    }
}

impl World {
    fn answer(
        &mut self,
        renewed: Option<&TokenData>,
        asked_at: Instant,
    ) -> Result<Grant, TokenError> {
        if renewed.is_some_and(|old| self.is_revoked(old.token().expose_secret())) {
            return Err(failure(ErrorClass::Terminal, "401"));
        }
        let luck = if self.is_healthy { 9 } else { self.rng.u8(..8) };
        match luck {
            0..=3 => Err(failure(ErrorClass::Transient, "503")),
            4 if renewed.is_none() => {
                self.forbid(secs(60), self.is_alone);
                Err(failure(ErrorClass::Refused, "wrong password"))
            }
            5 => {
                let wait = secs(self.rng.u64(1..90));
                self.forbid(wait, true);
                Err(TokenError::RateLimited(RateLimited::new(wait)))
            }
            _ => Ok(self.issue(renewed, asked_at)),
        }
    }

    fn forbid(&mut self, wait: Duration, heeded: bool) {
        if heeded {
            self.not_before = Some(Instant::now() + wait);
        }
    }

    /// A new text, or now and then, as at AMP, the old one with a new life.
    fn issue(&mut self, renewed: Option<&TokenData>, asked_at: Instant) -> Grant {
        let lives = [secs(30), secs(600), secs(3_600), DAY];
        let life = *self.rng.choice(&lives).unwrap();
        let is_stated = self.rng.bool();
        let old = renewed.filter(|_| self.is_alone && !is_stated && self.rng.bool());
        let text = match old {
            Some(old) => old.token().expose_secret().to_owned(),
            None => format!("token-{}", self.ends.len()),
        };
        self.ends.insert(text.clone(), asked_at + life);
        let lifetime = if is_stated {
            Lifetime::Stated(life)
        } else {
            Lifetime::Assumed(life)
        };
        Grant::new(AccessToken::new(text).unwrap(), lifetime)
    }

    fn is_revoked(&self, text: &str) -> bool {
        number(text) < self.revoked
    }
}

fn number(text: &str) -> u32 {
    text.trim_start_matches("token-").parse().unwrap()
}

impl TokenProvider for Authority {
    async fn obtain(&self, _flight: &FlightContext) -> Result<Grant, TokenError> {
        self.answer(None).await
    }

    async fn refresh(
        &self,
        token: &TokenData,
        _flight: &FlightContext,
    ) -> Result<Grant, TokenError> {
        self.answer(Some(token)).await
    }

    fn renewal(&self) -> Renewal {
        Renewal::AccessToken
    }
}

/// A service that rejects revoked tokens, and must never see one at its end.
pub(crate) fn service(
    authority: &Authority,
) -> impl Service<
    Request<Bytes>,
    Response = Response<Bytes>,
    Error = BoxError,
    Future = Ready<Result<Response<Bytes>, BoxError>>,
> + Clone
+ Send {
    let authority = authority.clone();
    tower::service_fn(move |request: Request<Bytes>| {
        let value = &request.headers()[header::AUTHORIZATION];
        let text = value.to_str().unwrap().trim_start_matches("token ");
        let world = authority.world();
        assert!(
            Instant::now() < world.ends[text],
            "{text} was sent at its end"
        );
        let status = if world.is_revoked(text) {
            StatusCode::UNAUTHORIZED
        } else {
            StatusCode::OK
        };
        let mut answer = Response::new(Bytes::new());
        *answer.status_mut() = status;
        ready(Ok(answer))
    })
}

/// A request to the service, and the call it belongs to.
pub(crate) fn request() -> (Request<Bytes>, CallContext) {
    let call = CallContext::new(Idempotency::Never);
    let mut request = Request::new(Bytes::new());
    *request.uri_mut() = "https://amp.example/assets".parse().unwrap();
    request.extensions_mut().insert(call.clone());
    (request, call)
}
