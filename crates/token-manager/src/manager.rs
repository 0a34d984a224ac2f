//! The manager as its users see it.

mod install;
mod overwrite;

use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use token_core::lifecycle::{Epoch, Event, Goal};
use token_core::{AccessToken, ErrorClass, TokenError, TokenFailure, TokenInfo};
use token_store::Change;

use self::overwrite::overwrite;
use crate::driver::{Asked, Shared};
use crate::events::{StoreStep, TokenEvent};
use crate::snapshot::{Snapshot, Stamp};
use crate::sync::Loan;
use crate::token_future::{Demand, TokenFuture};
use crate::{CurrentToken, TokenManagerBuilder, TokenProvider, TokenStatus, runtime};

/// Decides when to obtain or renew a token and shares the result. A clone is a reference count
/// and shows the same token.
///
/// While a usable token is held nobody waits: a token in its refresh window is served and renewed
/// behind it. All callers share one flight and its result or error; each may be cancelled at any
/// time without harm to the flight or to the others. A new token is in the store before anybody
/// hears of it. Expiry is judged by a clock that counts suspends; a record from the store by the
/// wall clock.
#[derive(Clone, Debug)]
pub struct TokenManager {
    shared: Arc<Shared>,
}

impl TokenManager {
    /// Starts the description of a manager that gets its tokens from this provider.
    pub fn builder(provider: impl TokenProvider) -> TokenManagerBuilder {
        TokenManagerBuilder::new(provider)
    }

    pub(crate) fn from_shared(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// The ready header value of the current token, if there is a usable one; never waits, never
    /// logs.
    ///
    /// A fresh token costs no lock and no allocation. In the refresh window, or without a token,
    /// it starts a flight behind the answer when it is called inside a runtime.
    #[inline]
    pub fn try_current(&self) -> Option<HeaderValue> {
        self.borrow_current().map(|current| current.to_header())
    }

    /// The same token as [`try_current`](Self::try_current), borrowed: for those who copy the
    /// header out, or only look at it.
    ///
    /// ```
    /// # use token_manager::{CurrentToken, TokenManager};
    /// fn write_head(tokens: &TokenManager, head: &mut Vec<u8>) -> bool {
    ///     let Some(current) = tokens.borrow_current() else {
    ///         return false;
    ///     };
    ///     head.extend_from_slice(b"authorization: ");
    ///     head.extend_from_slice(current.header().as_bytes());
    ///     true
    /// }
    /// ```
    // In line like all below it, because calls would cost a fifth of the whole.
    #[inline(always)]
    pub fn borrow_current(&self) -> Option<CurrentToken<'_>> {
        if let Some(fresh) = self.shared.published().fresh() {
            return Some(CurrentToken::new(fresh));
        }
        self.borrow_aged(Duration::ZERO).map(CurrentToken::new)
    }

    /// The current token; waits only where there is no usable one.
    ///
    /// # Errors
    ///
    /// Why there is none; all who wait for the same flight get the same error. After a failure
    /// the authority is not asked again for a while, and the error is answered at once.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves the flight to itself: it ends, and its token is stored.
    pub async fn get_token(&self) -> Result<AccessToken, TokenError> {
        self.get_token_valid_for(Duration::ZERO).await
    }

    /// The current token, if it stays sendable for at least this long, else another: for an upload
    /// or a stream that must not outlive its token. Requests through
    /// [`AuthorizeLayer`](crate::AuthorizeLayer) carry the same demand in their `CallContext`.
    ///
    /// # Errors
    ///
    /// As [`get_token`](Self::get_token), and [`TokenError::Validation`] where no token of this
    /// authority lives that long.
    ///
    /// # Cancel safety
    ///
    /// As `get_token`.
    pub async fn get_token_valid_for(&self, validity: Duration) -> Result<AccessToken, TokenError> {
        let asked_at = self.shared.now().boot;
        let result = match self.borrow_for(validity) {
            Some(snapshot) => {
                tracing::debug!("using the held token");
                access_token(&snapshot)
            }
            None => {
                let demand = self.demand(Demand::Get(validity)).await;
                demand.and_then(|snapshot| access_token(&snapshot))
            }
        };
        let elapsed = self.shared.now().boot.saturating_since(asked_at);
        match &result {
            Ok(_) => tracing::debug!(?elapsed, "token retrieved"),
            Err(error) => tracing::error!(?elapsed, %error, "no token"),
        }
        result
    }

    /// Logs in, whatever is held, and replaces the record (A-32). Concurrent forced calls share
    /// one flight (X-15).
    ///
    /// # Errors
    ///
    /// Why there is no new token; the held one stays.
    pub async fn obtain_token(&self) -> Result<AccessToken, TokenError> {
        self.demand(Demand::Force(Goal::Login))
            .await
            .and_then(|snapshot| access_token(&snapshot))
    }

    /// Refreshes the held token or the stored one, whatever its age, with a login where that fails
    /// (A-33); without a token it logs in (A-31). Concurrent forced calls share one flight (X-15),
    /// and are content with a token that another process stored while they waited for it to end;
    /// one that was stored before is renewed.
    ///
    /// # Errors
    ///
    /// Why there is no new token; the held one stays.
    pub async fn refresh_token(&self) -> Result<AccessToken, TokenError> {
        self.demand(Demand::Force(Goal::Refresh))
            .await
            .and_then(|snapshot| access_token(&snapshot))
    }

    /// The same as [`refresh_token`](Self::refresh_token), under the seed's other name (X-14).
    ///
    /// # Errors
    ///
    /// As `refresh_token`.
    pub async fn force_refresh(&self) -> Result<AccessToken, TokenError> {
        self.refresh_token().await
    }

    /// What may be told about the token; reads the store if nothing is held yet, and never the
    /// network (A-35).
    pub async fn get_token_info(&self) -> Option<TokenInfo> {
        if self.shared.held().is_none() {
            self.load().await;
        }
        self.shared.held().map(|data| data.info(&self.shared.now()))
    }

    /// Where this manager stands: its token, the flight under way, the last error. Asks neither the
    /// network nor the store, and changes nothing.
    pub fn status(&self) -> TokenStatus {
        self.shared.status()
    }

    /// Takes a stored token over where none is held (A-43). A store that cannot be read leaves
    /// the manager without a token, with a warning (A-38).
    pub async fn load(&self) {
        if let Err(error) = self.shared.load().await {
            tracing::warn!(%error, "the token store cannot be read");
            self.shared.store_failed(StoreStep::Load, &error);
        }
    }

    /// Forgets the token, here and in the store (A-34). A flight under way cannot bring it back;
    /// the next call logs in.
    ///
    /// # Errors
    ///
    /// [`TokenError::Storage`] when the store could not be cleared; here it is forgotten even so.
    pub async fn clear_token(&self) -> Result<(), TokenError> {
        self.shared.ask(Event::Clear {
            store_emptied: false,
        });
        let cleared = overwrite(self.shared.store(), Change::Clear, || true).await;
        // Until the store was cleared too, a caller may have taken the old token over from there.
        self.shared.cleared(cleared.is_ok());
        cleared.map(drop).map_err(|error| {
            self.shared.store_failed(StoreStep::Clear, &error);
            let reason = error.to_string();
            TokenError::Storage(TokenFailure::new(ErrorClass::Transient, reason).with_source(error))
        })
    }

    /// Starts no further flight, waits for the one under way, offers the store a token that it
    /// refused before, and forgets the token in memory; the store keeps it. Calls from then on
    /// fail with [`TokenError::Closed`]. A short process awaits this before it exits.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future does not undo the close; the flight ends by itself. A token that could
    /// not be stored until then is offered to the store by the next call of this.
    pub async fn close(&self) {
        self.shared.close().await;
    }

    /// What to send, if there is something without waiting.
    pub(crate) fn try_stamp(&self, validity: Duration) -> Option<Stamp> {
        self.borrow_for(validity).map(|snapshot| snapshot.stamp())
    }

    /// Notes that a service accepted the token of this epoch.
    pub(crate) fn mark_accepted(&self, epoch: Epoch) {
        if let Some(snapshot) = self.shared.published().of_epoch(epoch) {
            snapshot.mark_accepted();
        }
    }

    /// Whether a service accepted the token of this epoch. Of one that is not published any more
    /// nobody needs to know.
    pub(crate) fn was_accepted(&self, epoch: Epoch) -> bool {
        let snapshot = self.shared.published().of_epoch(epoch);
        snapshot.is_some_and(|snapshot| snapshot.was_accepted())
    }

    /// Whether this token stays sendable for `validity`.
    pub(crate) fn serves(&self, snapshot: &Snapshot, validity: Duration) -> bool {
        snapshot.serves(&self.shared.now(), validity)
    }

    fn borrow_for(&self, validity: Duration) -> Option<Loan<Snapshot>> {
        let fresh = self.shared.published().fresh_for(validity);
        fresh.or_else(|| self.borrow_aged(validity))
    }

    /// The cold way: the life cycle decides by the precise clocks, and may start a flight.
    #[cold]
    fn borrow_aged(&self, validity: Duration) -> Option<Loan<Snapshot>> {
        let may_start = runtime::is_here();
        let asked = self.shared.ask(Event::Get {
            validity,
            may_start,
        });
        match asked {
            Asked::Ready(Ok(snapshot)) => Some(snapshot.into()),
            Asked::Ready(Err(_)) | Asked::Wait { .. } | Asked::Nothing => None,
        }
    }

    /// Tells that a request is sent again with another token.
    pub(crate) fn tell_replayed(&self, rejected: Epoch, with: Epoch) {
        self.shared.tell(&TokenEvent::Replayed { rejected, with });
    }

    pub(crate) fn demand(&self, demand: Demand) -> TokenFuture {
        TokenFuture::new(Arc::clone(&self.shared), demand)
    }
}

fn access_token(snapshot: &Snapshot) -> Result<AccessToken, TokenError> {
    snapshot
        .data()
        .map(|data| data.token().clone())
        .ok_or(TokenError::Closed)
}
