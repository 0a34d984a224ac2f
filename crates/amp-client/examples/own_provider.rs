//! Another service, from the generic crates alone: tokens for an API key, and calls with them.
//!
//! `token-manager` needs a `TokenProvider`, which only knows how to ask; one login for everybody, refresh
//! ahead, shared failures and the 401 protocol come from the manager. `retry` and `transport` are the
//! rest of a call.
//!
//! ```console
//! cargo run -p amp-client --example own_provider -- https://api.example.com /things KEY_FILE
//! ```
#![expect(clippy::print_stdout, reason = "its output is the answer")]

use std::env;
use std::error::Error;
use std::fmt::{self, Debug};
use std::fs;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode};
use retry::{AttemptTimeoutLayer, RetryLayer, RetryPolicy, StackBuilder};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use token_core::{
    AccessToken, CallContext, ErrorClass, Grant, Idempotency, Lifetime, TokenError, TokenFailure,
};
use token_manager::{AuthorizeLayer, FlightContext, Origins, Scheme, TokenManager, TokenProvider};
use tower::util::BoxCloneSyncService;
use tower::{Layer as _, ServiceBuilder, ServiceExt as _};
use transport::{CallError, Transport};
use url::Url;
use zeroize::Zeroizing;

type Stack = BoxCloneSyncService<Request<Bytes>, Response<Bytes>, CallError>;

/// Exchanges an API key for a token that lives some minutes.
struct KeyExchange {
    service: Stack,
    url: Url,
    key: SecretString,
}

/// What the service answers. The text becomes an [`AccessToken`], which wipes it.
#[derive(Deserialize)]
struct Answer {
    token: SecretString,
    expires_in: u64,
}

impl TokenProvider for KeyExchange {
    async fn obtain(&self, flight: &FlightContext) -> Result<Grant, TokenError> {
        let mut key = HeaderValue::from_str(self.key.expose_secret())
            .map_err(|_| failed(ErrorClass::Terminal, "the key is no header"))?;
        key.set_sensitive(true);
        let request = Request::get(self.url.as_str())
            .header("x-api-key", key)
            // It brings the time that is left for the flight.
            .extension(flight.call().clone())
            .body(Bytes::new())
            .map_err(|_| failed(ErrorClass::Terminal, "the address is none"))?;
        let answer = self.service.clone().oneshot(request).await;
        let answer = answer.map_err(|error| {
            let failure = TokenFailure::new(ErrorClass::Transient, "the key was not exchanged");
            TokenError::ObtainFailed(failure.with_source(error))
        })?;
        read(&answer)
    }

    fn scheme(&self) -> Scheme {
        Scheme::BEARER
    }
}

/// The class decides what follows: a refused key is not tried again by every caller.
fn read(answer: &Response<Bytes>) -> Result<Grant, TokenError> {
    match answer.status() {
        StatusCode::OK => {}
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            return Err(failed(ErrorClass::Refused, "the key is not accepted"));
        }
        _ => {
            return Err(failed(
                ErrorClass::Transient,
                "the service has no token now",
            ));
        }
    }
    let unreadable = || failed(ErrorClass::Transient, "the answer holds no token");
    let answer: Answer = serde_json::from_slice(answer.body()).map_err(|_| unreadable())?;
    let access = AccessToken::new(answer.token).map_err(|_| unreadable())?;
    let lifetime = Lifetime::Stated(Duration::from_secs(answer.expires_in));
    Ok(Grant::new(access, lifetime))
}

fn failed(class: ErrorClass, reason: &'static str) -> TokenError {
    TokenError::ObtainFailed(TokenFailure::new(class, reason))
}

impl Debug for KeyExchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyExchange").finish_non_exhaustive()
    }
}

/// A client of that service.
struct Client {
    address: Url,
    tokens: TokenManager,
    stack: Stack,
}

impl Client {
    fn new(address: &str, key: SecretString) -> Result<Self, Box<dyn Error>> {
        let address = Url::parse(address)?;
        let transport = ServiceBuilder::new()
            .map_err(CallError::from)
            .service(Transport::builder().build()?);
        // The token endpoint has a short stack of its own, and never waits for a place among calls.
        let exchange = ServiceBuilder::new()
            .layer(RetryLayer::new(RetryPolicy::default()))
            .layer(AttemptTimeoutLayer::new(Duration::from_secs(10)))
            .service(transport.clone());
        let provider = KeyExchange {
            service: BoxCloneSyncService::new(exchange),
            url: address.join("/token")?,
            key,
        };
        let tokens = TokenManager::builder(provider).build();
        // The token goes to this origin and to no other.
        let authorize = AuthorizeLayer::new(tokens.clone(), Origins::of(&address));
        let stack = StackBuilder::new()
            .with_authorize(authorize)
            .layer(transport);
        Ok(Self {
            address,
            tokens,
            stack: BoxCloneSyncService::new(stack),
        })
    }

    async fn get(&self, path: &str) -> Result<Bytes, Box<dyn Error>> {
        // How safe it is to send it once more is known only here.
        let call = CallContext::new(Idempotency::Safe);
        let request = Request::get(self.address.join(path)?.as_str()).extension(call);
        let answer = self
            .stack
            .clone()
            .oneshot(request.body(Bytes::new())?)
            .await?;
        match answer.status().is_success() {
            true => Ok(answer.into_body()),
            false => Err(answer.status().to_string().into()),
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let mut next = |what: &'static str| arguments.next().ok_or(what);
    let (address, path) = (next("which service?")?, next("which path?")?);
    let key = Zeroizing::new(fs::read_to_string(next("in which file is the key?")?)?);
    let client = Client::new(&address, key.trim().into())?;
    println!("{}", String::from_utf8_lossy(&client.get(&path).await?));
    client.tokens.close().await;
    Ok(())
}

#[cfg(test)]
mod tests {
    use httpmock::MockServer;

    use super::*;

    #[tokio::test]
    async fn one_exchange_serves_all_calls() {
        let server = MockServer::start_async().await;
        let exchange = server.mock(|when, then| {
            when.path("/token").header("x-api-key", "canary-key");
            then.status(200).body(r#"{"token":"abc","expires_in":600}"#);
        });
        let things = server.mock(|when, then| {
            when.path("/things").header("authorization", "Bearer abc");
            then.status(200).body("[1]");
        });
        let client = Client::new(&server.base_url(), "canary-key".into()).unwrap();
        for _ in 0..3 {
            assert_eq!(client.get("/things").await.unwrap(), "[1]");
        }
        assert_eq!((exchange.calls(), things.calls()), (1, 3));
    }

    #[tokio::test]
    async fn a_refused_key_is_told_without_telling_it() {
        let server = MockServer::start_async().await;
        let refusal = server.mock(|when, then| {
            when.path("/token");
            then.status(403);
        });
        let client = Client::new(&server.base_url(), "canary-key".into()).unwrap();
        for _ in 0..2 {
            let error = client.get("/things").await.unwrap_err();
            assert!(
                error.to_string().contains("the key is not accepted"),
                "{error}"
            );
            assert!(!format!("{error:?}").contains("canary-key"));
        }
        assert_eq!(refusal.calls(), 1);
    }
}
