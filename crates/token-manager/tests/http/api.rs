//! A service that knows which tokens are valid, and writes down what it is sent.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode, header};
use token_core::{AccessToken, Grant, Lifetime};
use token_manager::{AuthorizeLayer, Origins, PausedClock, TokenManager, TokenProvider};
use tower::{BoxError, Layer, Service, ServiceExt, service_fn};

pub(crate) const BASE: &str = "https://amp.example/api";

/// What Django REST framework says to a token that it does not know.
pub(crate) const INVALID: &str = r#"{"detail":"Invalid token."}"#;

/// Accepts the tokens that it is told to, and any token until it is told.
#[derive(Clone, Debug, Default)]
pub(crate) struct Api(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    accepted: Option<HashSet<String>>,
    latency: Duration,
    seen: Vec<Request<Bytes>>,
    scripted: Vec<Response<Bytes>>,
}

impl Api {
    /// From now on only these tokens are valid.
    pub(crate) fn accept_only<const N: usize>(&self, tokens: [&str; N]) {
        self.0.lock().unwrap().accepted = Some(tokens.map(str::to_owned).into());
    }

    /// From now on every answer takes this long and a bit, which is different for each request.
    pub(crate) fn take_time(&self, latency: Duration) {
        self.0.lock().unwrap().latency = latency;
    }

    /// Gives these answers next, in this order, whatever the token.
    pub(crate) fn answer_next<const N: usize>(&self, mut answers: [Response<Bytes>; N]) {
        answers.reverse();
        self.0.lock().unwrap().scripted = answers.into();
    }

    /// The `Authorization` of every request, in the order of arrival; empty where there is none.
    pub(crate) fn authorizations(&self) -> Vec<String> {
        let state = self.0.lock().unwrap();
        let all = state.seen.iter();
        all.map(|request| authorization(request.headers()))
            .collect()
    }

    /// How many requests arrived.
    pub(crate) fn requests(&self) -> usize {
        self.0.lock().unwrap().seen.len()
    }

    /// The last request.
    pub(crate) fn last(&self) -> Request<Bytes> {
        self.0.lock().unwrap().seen.last().unwrap().clone()
    }

    /// How often each body arrived.
    pub(crate) fn bodies(&self) -> HashMap<Bytes, u32> {
        let mut bodies = HashMap::new();
        for request in &self.0.lock().unwrap().seen {
            *bodies.entry(request.body().clone()).or_default() += 1;
        }
        bodies
    }

    /// This service behind the layer, for its own origin.
    pub(crate) fn authorized(&self, tokens: &TokenManager) -> impl ApiService {
        let api = self.clone();
        let inner = service_fn(move |request| api.clone().answer(request));
        let origins = Origins::of(&BASE.parse().unwrap());
        AuthorizeLayer::new(tokens.clone(), origins).layer(inner)
    }

    async fn answer(self, request: Request<Bytes>) -> Result<Response<Bytes>, BoxError> {
        let (latency, answer) = self.0.lock().unwrap().take(request);
        tokio::time::sleep(latency).await;
        Ok(answer)
    }
}

impl State {
    fn take(&mut self, request: Request<Bytes>) -> (Duration, Response<Bytes>) {
        let token = authorization(request.headers());
        let token = token.strip_prefix("token ").unwrap_or_default();
        let spread = self.latency * u32::try_from(self.seen.len() % 97).unwrap() / 97;
        self.seen.push(request);
        let answer = match (self.scripted.pop(), &self.accepted) {
            (Some(answer), _) => answer,
            (None, Some(accepted)) if !accepted.contains(token) => rejection(401, INVALID),
            (None, _) => rejection(200, "{}"),
        };
        (self.latency + spread, answer)
    }
}

/// The layer over the service, as its users see it.
pub(crate) trait ApiService:
    Service<Request<Bytes>, Response = Response<Bytes>, Error = BoxError, Future: Send>
    + Clone
    + Send
    + 'static
{
    /// Sends one request and waits for its answer.
    fn send(
        &self,
        request: Request<Bytes>,
    ) -> impl Future<Output = Result<Response<Bytes>, BoxError>> + Send {
        self.clone().oneshot(request)
    }

    /// Sends a request without a body and says how it was answered.
    async fn status(&self) -> StatusCode {
        self.send(get("/info")).await.unwrap().status()
    }
}

impl<S> ApiService for S where
    S: Service<Request<Bytes>, Response = Response<Bytes>, Error = BoxError, Future: Send>
        + Clone
        + Send
        + 'static
{
}

/// A request to the service's own origin.
pub(crate) fn get(path: &str) -> Request<Bytes> {
    let uri = format!("{BASE}{path}");
    Request::get(uri).body(Bytes::new()).unwrap()
}

/// An answer with this status and body.
pub(crate) fn rejection(status: u16, body: &'static str) -> Response<Bytes> {
    let body = Bytes::from_static(body.as_bytes());
    Response::builder().status(status).body(body).unwrap()
}

/// A manager on paused time.
pub(crate) fn manager(provider: &(impl TokenProvider + Clone)) -> TokenManager {
    let builder = TokenManager::builder(provider.clone());
    builder.clock(PausedClock::new()).seed(7).build()
}

pub(crate) fn token(text: &str) -> AccessToken {
    AccessToken::new(text).unwrap()
}

pub(crate) fn grant(text: &str, lifetime: Duration) -> Grant {
    Grant::new(token(text), Lifetime::Stated(lifetime))
}

fn authorization(headers: &HeaderMap) -> String {
    let value = headers.get(header::AUTHORIZATION);
    value.map_or(String::new(), |value| value.to_str().unwrap().to_owned())
}
