//! A provider that answers from a script.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use token_core::flight::Renewal;
use token_core::{AccessToken, Grant, Lifetime, RefreshToken, TokenData, TokenError};

use super::reply::Act;
use super::{CallKind, CallLog, Reply};
use crate::sync::Mutex;
use crate::{FlightContext, TokenProvider};

/// A provider that answers from a script, counts its calls and takes its time. A clone is the
/// same provider.
///
/// When the script is at its end it hands out `token-1`, `token-2`, … that live for a day.
#[derive(Clone, Debug)]
pub struct ScriptedProvider(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    latency: Duration,
    lifetime: Lifetime,
    renewal: Renewal,
    tokens: AtomicU32,
    obtains: Endpoint,
    refreshes: Endpoint,
    log: Mutex<Option<(&'static str, CallLog)>>,
}

/// One of the two ways to ask.
#[derive(Debug)]
struct Endpoint {
    kind: CallKind,
    calls: AtomicU32,
    script: Mutex<VecDeque<Reply>>,
}

impl ScriptedProvider {
    /// A provider whose access token renews itself and whose calls take this long.
    pub fn with_latency(latency: Duration) -> Self {
        Self::new(
            latency,
            Renewal::AccessToken,
            Lifetime::Assumed(Duration::from_secs(86_400)),
        )
    }

    /// A provider with this way of renewal and these lifetimes. Where refresh tokens renew, the
    /// numbered tokens come with `refresh-1`, `refresh-2`, …
    pub fn new(latency: Duration, renewal: Renewal, lifetime: Lifetime) -> Self {
        Self(Arc::new(Inner {
            latency,
            lifetime,
            renewal,
            tokens: AtomicU32::new(0),
            obtains: Endpoint::new(CallKind::Obtain),
            refreshes: Endpoint::new(CallKind::Refresh),
            log: Mutex::default(),
        }))
    }

    /// Writes its calls into this list, under this name, from now on.
    pub fn log_to(&self, log: &CallLog, name: &'static str) -> &Self {
        *self.0.log.lock() = Some((name, log.clone()));
        self
    }

    /// Adds an answer to the script of logins.
    pub fn on_obtain(&self, reply: impl Into<Reply>) -> &Self {
        self.0.obtains.script.lock().push_back(reply.into());
        self
    }

    /// Adds an answer to the script of refreshes.
    pub fn on_refresh(&self, reply: impl Into<Reply>) -> &Self {
        self.0.refreshes.script.lock().push_back(reply.into());
        self
    }

    /// How many logins were asked for.
    pub fn obtains(&self) -> u32 {
        self.0.obtains.calls.load(Ordering::SeqCst)
    }

    /// How many refreshes were asked for.
    pub fn refreshes(&self) -> u32 {
        self.0.refreshes.calls.load(Ordering::SeqCst)
    }

    async fn answer(&self, endpoint: &Endpoint) -> Result<Grant, TokenError> {
        endpoint.calls.fetch_add(1, Ordering::SeqCst);
        if let Some((name, log)) = &*self.0.log.lock() {
            log.note(name, endpoint.kind);
        }
        let scripted = endpoint.script.lock().pop_front();
        let reply = scripted.unwrap_or_else(Reply::next_grant);
        tokio::time::sleep(reply.latency.unwrap_or(self.0.latency)).await;
        match reply.act {
            Act::Answer(answer) => *answer,
            Act::NextGrant => Ok(self.next_grant()),
            Act::Hang => std::future::pending().await,
            Act::Panic(text) => panic!("{text}"),
        }
    }

    fn next_grant(&self) -> Grant {
        let number = self.0.tokens.fetch_add(1, Ordering::SeqCst) + 1;
        let token = AccessToken::new(format!("token-{number}")).expect("visible ASCII");
        let refresh = RefreshToken::new(format!("refresh-{number}"));
        let refresh = refresh
            .ok()
            .filter(|_| self.0.renewal == Renewal::RefreshToken);
        Grant::new(token, self.0.lifetime).with_refresh(refresh)
    }
}

impl Endpoint {
    fn new(kind: CallKind) -> Self {
        Self {
            kind,
            calls: AtomicU32::new(0),
            script: Mutex::default(),
        }
    }
}

impl TokenProvider for ScriptedProvider {
    async fn obtain(&self, _flight: &FlightContext) -> Result<Grant, TokenError> {
        self.answer(&self.0.obtains).await
    }

    async fn refresh(
        &self,
        _token: &TokenData,
        _flight: &FlightContext,
    ) -> Result<Grant, TokenError> {
        self.answer(&self.0.refreshes).await
    }

    fn renewal(&self) -> Renewal {
        self.0.renewal
    }
}
