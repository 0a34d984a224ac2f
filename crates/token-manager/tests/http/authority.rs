//! A token endpoint that answers from a script, and the credentials for it.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use data_encoding::BASE64URL_NOPAD;
use http::{Request, Response};
use token_core::{
    CallContext, Classify, Failure, Ledger, Outcome, Sent, StopReason, Stopped, TokenError,
};
use token_manager::{
    Credentials, FixedCredentials, JsonLogin, JsonProfile, PausedClock, TokenManager,
};
use tower::{Service, service_fn};

use crate::api::{BASE, rejection};

pub(crate) const USER: &str = "canary-user";
pub(crate) const PASSWORD: &str = "canary-\"pass\\word\u{1F600}\n";
pub(crate) const TOKEN: &str = "canary-token-0123456789";

pub(crate) type Answer = Result<Response<Bytes>, Trouble>;

/// Answers from a script; at its end it hands out [`TOKEN`].
#[derive(Clone, Default)]
pub(crate) struct Authority(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    script: VecDeque<Answer>,
    seen: Vec<Request<Bytes>>,
    tries: u32,
}

impl Authority {
    pub(crate) fn scripted(answers: impl IntoIterator<Item = Answer>) -> Self {
        let authority = Self::default();
        authority.0.lock().unwrap().script = answers.into_iter().collect();
        authority
    }

    /// Behaves as if a retry layer had sent each request this often.
    pub(crate) fn with_tries(self, tries: u32) -> Self {
        self.0.lock().unwrap().tries = tries;
        self
    }

    /// All requests so far, in their order.
    pub(crate) fn seen(&self) -> Vec<Request<Bytes>> {
        self.0.lock().unwrap().seen.clone()
    }

    /// The methods and URIs of all requests so far.
    pub(crate) fn lines(&self) -> Vec<String> {
        let line = |request: &Request<Bytes>| format!("{} {}", request.method(), request.uri());
        self.seen().iter().map(line).collect()
    }

    pub(crate) fn service(&self) -> impl LoginService {
        let authority = self.clone();
        service_fn(move |request| std::future::ready(authority.take(request)))
    }

    /// The provider that logs in here, with fixed credentials.
    pub(crate) fn login(&self, base_url: &str) -> JsonLogin<impl LoginService> {
        let credentials = FixedCredentials::new(Credentials::new(USER, PASSWORD));
        let base_url = base_url.parse().unwrap();
        let service = self.service();
        JsonLogin::new(service, &base_url, JsonProfile::amp(), credentials)
            .with_clock(PausedClock::new())
    }

    /// A manager on paused time that logs in here.
    pub(crate) fn manager(&self) -> TokenManager {
        let builder = TokenManager::builder(self.login(BASE));
        builder.clock(PausedClock::new()).seed(7).build()
    }

    fn take(&self, request: Request<Bytes>) -> Answer {
        let mut state = self.0.lock().unwrap();
        let call = request.extensions().get::<CallContext>().unwrap();
        for _ in 0..state.tries {
            call.note(Ledger::note_attempt);
        }
        state.seen.push(request);
        state.script.pop_front().unwrap_or_else(|| token(TOKEN))
    }
}

/// What [`JsonLogin`] asks of a service.
pub(crate) trait LoginService:
    Service<Request<Bytes>, Response = Response<Bytes>, Error = Trouble, Future: Send>
    + Clone
    + Send
    + Sync
    + 'static
{
}

impl<S> LoginService for S where
    S: Service<Request<Bytes>, Response = Response<Bytes>, Error = Trouble, Future: Send>
        + Clone
        + Send
        + Sync
        + 'static
{
}

/// Why a request brought no answer.
#[derive(Debug)]
pub(crate) enum Trouble {
    Stopped(Stopped),
    Failed(Failure, &'static str),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stopped(stopped) => stopped.fmt(f),
            Self::Failed(_, text) => f.write_str(text),
        }
    }
}

impl std::error::Error for Trouble {}

impl Classify for Trouble {
    fn outcome(&self) -> Outcome {
        match *self {
            Self::Stopped(stopped) => stopped.outcome(),
            Self::Failed(failure, _) => Outcome::Failed {
                sent: Sent::Maybe,
                failure,
            },
        }
    }

    fn stopped(&self) -> Option<Stopped> {
        match *self {
            Self::Stopped(stopped) => Some(stopped),
            Self::Failed(..) => None,
        }
    }
}

/// A success with this token.
pub(crate) fn token(token: &str) -> Answer {
    let body = format!(r#"{{"token":"{token}"}}"#);
    Ok(Response::new(Bytes::from(body)))
}

/// An answer with this status and body.
pub(crate) fn json(status: u16, body: &serde_json::Value) -> Answer {
    let answer = Response::builder().status(status);
    Ok(answer.body(Bytes::from(body.to_string())).unwrap())
}

/// A token that names its algorithm and when it was issued and ends, and is signed by nobody.
pub(crate) fn jwt(alg: &str, claims: &serde_json::Value) -> String {
    let part = |json: &serde_json::Value| BASE64URL_NOPAD.encode(json.to_string().as_bytes());
    let header = serde_json::json!({ "typ": "JWT", "alg": alg });
    format!("{}.{}.Y2FuYXJ5", part(&header), part(claims))
}

/// An answer that a person would not want to see in a log.
pub(crate) fn status(status: u16) -> Answer {
    let body = r#"{"username":"canary-user","password":"canary-pass","token":"canary-token"}"#;
    Ok(rejection(status, body))
}

/// An answer with this status and `Retry-After`.
pub(crate) fn limited(retry_after: &str) -> Answer {
    let mut answer = rejection(429, "");
    let value = retry_after.parse().unwrap();
    answer.headers_mut().insert("retry-after", value);
    Ok(answer)
}

/// The verdict of a layer of the service.
pub(crate) fn stopped(reason: StopReason) -> Answer {
    Err(Trouble::Stopped(Stopped::new(reason, Ledger::default())))
}

/// The error of a first call to an authority that answers like this.
pub(crate) async fn failure_of(answer: Answer) -> TokenError {
    let manager = Authority::scripted([answer]).manager();
    manager.get_token().await.unwrap_err()
}
