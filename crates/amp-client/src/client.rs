//! The client.

mod builder;
mod endpoints;
mod source;
mod tokens;
mod waiting;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use amp_api::{Answer, Auth, BaseUrl, Call, Request};
use bytes::Bytes;
use http::header::{DATE, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use token_core::{CallContext, Clock, answered_at, parse_retry_after};
use token_manager::TokenManager;

use crate::config::Config;
use crate::error::{CallFacts, Error};
use crate::reply::Reply;
use crate::stack::Stack;

pub use builder::ApiClientBuilder;
pub use tokens::TokenStrategy;

/// A client of the AMP service. A clone is a reference count and shows the same client: one token,
/// one pool of connections, one pace after a 429.
///
/// Every call carries a token that the client obtains and renews by itself. A call is sent
/// again only where that cannot do a thing twice. It takes at most 60 s for each try and 120 s
/// altogether, unless the builder says otherwise.
///
/// # Cancel safety
///
/// Dropping a call's future drops its try: a request that was sent may still take effect. A token
/// that is being obtained for it is obtained nonetheless.
#[derive(Clone)]
pub struct ApiClient {
    inner: Arc<Inner>,
}

struct Inner {
    base_url: BaseUrl,
    stack: Stack,
    tokens: TokenManager,
    strategy: TokenStrategy,
    persists: bool,
    token_file: Option<PathBuf>,
    clock: Arc<dyn Clock>,
}

impl ApiClient {
    /// A client with the settings and credentials of the environment; see [`Config::from_vars`].
    /// A stored token is taken over where tokens are kept.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] with everything that is wrong. Missing credentials are an error only when
    /// a token has to be obtained.
    pub async fn new() -> Result<Self, Error> {
        Self::from_environment(Config::builder()).await
    }

    /// The same for another service; `AMP_API_BASE_URL` is not read. The token is obtained from
    /// this service and sent to no other (W-A02).
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub async fn with_base_url(url: &str) -> Result<Self, Error> {
        Self::from_environment(Config::builder().base_url(url)).await
    }

    async fn from_environment(settings: crate::ConfigBuilder) -> Result<Self, Error> {
        Self::builder()
            .settings(settings)
            .environment(|name| std::env::var_os(name))
            .build()
            .await
    }

    /// A client that takes its tokens from this manager, which the caller shares with others. The
    /// manager must get its tokens from the service at `url`.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] when `url` is not the address of a service that may be used.
    pub async fn with_token_manager(url: &str, tokens: TokenManager) -> Result<Self, Error> {
        Self::builder()
            .base_url(url)
            .token_manager(tokens)
            .build()
            .await
    }

    /// A client for a mock service that accepts this token. It never logs in and keeps nothing
    /// . Nothing but this and the builder's method makes a mock token.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] when `url` is not the address of a service that may be used, or the token
    /// cannot travel in a header.
    pub async fn with_mock_token(
        url: &str,
        token: impl Into<secrecy::SecretString>,
    ) -> Result<Self, Error> {
        Self::builder()
            .base_url(url)
            .mock_token(token)
            .build()
            .await
    }

    /// Starts the description of a client. It reads no environment by itself.
    pub fn builder() -> ApiClientBuilder {
        ApiClientBuilder::default()
    }

    /// The address of the service.
    pub fn base_url(&self) -> &BaseUrl {
        &self.inner.base_url
    }

    /// Sends a typed request and reads its answer.
    ///
    /// A DELETE that finds nothing after an earlier try of the same call may have been worked on is
    /// a success: that try did it.
    ///
    /// # Errors
    ///
    /// Why there is no answer of that type.
    pub async fn send<T: Answer>(&self, call: &Call<T>) -> Result<T, Error> {
        let (answer, context) = self.exchange(call.request()).await?;
        if is_gone_by_this_call(call.request(), &answer, &context)
            && let Ok(done) = T::read(&Bytes::new())
        {
            return Ok(done);
        }
        if !answer.status().is_success() {
            return Err(self.reply(answer, call.request(), &context).refusal());
        }
        T::read(answer.body()).map_err(|reason| Error::Decode {
            call: CallFacts::new(call.request(), &context).with_last_try(true),
            expected: T::EXPECTED,
            reason,
        })
    }

    /// Sends a request and hands out the answer as it is, whatever its status.
    ///
    /// # Errors
    ///
    /// Why there is no answer at all; [`Reply::error`] tells about one without success.
    pub async fn request(&self, request: &Request) -> Result<Reply, Error> {
        let (answer, context) = self.exchange(request).await?;
        Ok(self.reply(answer, request, &context))
    }

    async fn exchange(
        &self,
        request: &Request,
    ) -> Result<(http::Response<Bytes>, CallContext), Error> {
        let context = context_of(request);
        let mut sent = request.to_http(&self.inner.base_url)?;
        sent.extensions_mut().insert(context.clone());
        let answer = self.inner.stack.send(sent).await;
        let answer = answer.map_err(|error| Error::of_call(error, request, &context))?;
        Ok((answer, context))
    }

    fn reply(
        &self,
        answer: http::Response<Bytes>,
        request: &Request,
        context: &CallContext,
    ) -> Reply {
        let retry_after = self.retry_after(answer.headers());
        Reply::new(answer, request, context, retry_after)
    }

    /// The wait that an answer asks for; most ask for none, and then no clock is read.
    fn retry_after(&self, headers: &HeaderMap) -> Option<Duration> {
        headers.get(RETRY_AFTER)?;
        let values = |name| headers.get_all(name).iter().map(HeaderValue::as_bytes);
        let now = answered_at(values(DATE), self.inner.clock.now().wall);
        parse_retry_after(values(RETRY_AFTER), now)
    }

    /// Starts no further token request, waits for the one under way and wipes the token from
    /// memory; a store keeps it. Calls from then on fail.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future does not undo the close.
    pub async fn close(&self) {
        self.inner.tokens.close().await;
    }
}

impl std::fmt::Debug for ApiClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ApiClient")
            .field("base_url", &self.inner.base_url)
            .field("strategy", &self.inner.strategy)
            .finish_non_exhaustive()
    }
}

/// Whether this call itself removed what it does not find any more.
fn is_gone_by_this_call(
    request: &Request,
    answer: &http::Response<Bytes>,
    context: &CallContext,
) -> bool {
    answer.status() == StatusCode::NOT_FOUND
        && request.method() == Method::DELETE
        && context.ledger().maybe_processed()
}

fn context_of(request: &Request) -> CallContext {
    let context = CallContext::builder(request.idempotency());
    match request.auth() {
        Auth::None => context.anonymous().build(),
        Auth::Required | Auth::Optional => context.build(),
    }
}
