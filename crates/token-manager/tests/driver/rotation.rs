//! Refresh tokens that are spent by their use.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use token_core::flight::Renewal;
use token_core::{
    ErrorClass, Grant, Lifetime, RefreshToken, Sent, TokenData, TokenError, TokenFailure,
};
use token_manager::{FlightContext, PausedClock, TokenManager, TokenProvider};
use token_store::{MemoryStore, TokenStore};
use tokio::time::{advance, timeout};

use crate::faulty_store::FaultyStore;
use crate::kit::{DAY, builder, outage, secs, token};

/// An authority that rotates refresh tokens, and takes a spent one for a theft.
#[derive(Clone, Debug, Default)]
struct Rotating(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    issued: u32,
    valid: u32,
    refreshes: u32,
    logins: u32,
    replays: u32,
    logins_fail: bool,
    trouble: Trouble,
}

/// What goes wrong with refreshes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Trouble {
    #[default]
    None,
    /// The request never leaves.
    Unsent,
    /// The refresh happens, and its answer is lost.
    AnswerLost,
}

impl State {
    fn issue(&mut self) -> Grant {
        self.issued += 1;
        self.valid = self.issued;
        let access = token(&format!("token-{}", self.issued));
        let refresh = RefreshToken::new(format!("refresh-{}", self.issued)).unwrap();
        Grant::new(access, Lifetime::Stated(DAY)).with_refresh(Some(refresh))
    }

    fn refresh(&mut self, token: &TokenData) -> Result<Grant, TokenError> {
        let sent = token.refresh_token().map(RefreshToken::expose_secret);
        let failed = |sent| {
            let failure = TokenFailure::new(ErrorClass::Transient, "scripted");
            Err(TokenError::RefreshFailed(failure.with_sent(sent)))
        };
        if self.trouble == Trouble::Unsent {
            return failed(Sent::No);
        }
        self.refreshes += 1;
        if sent != Some(format!("refresh-{}", self.valid).as_str()) {
            self.replays += 1;
            return failed(Sent::Yes);
        }
        let grant = self.issue();
        match self.trouble {
            Trouble::AnswerLost => failed(Sent::Maybe),
            _ => Ok(grant),
        }
    }
}

impl Rotating {
    fn with<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.0.lock().unwrap())
    }

    fn troubled(&self, trouble: Trouble, logins_fail: bool) {
        self.with(|state| {
            state.trouble = trouble;
            state.logins_fail = logins_fail;
        });
    }

    /// Refreshes and logins that reached it, and how often a spent token did.
    fn counts(&self) -> (u32, u32, u32) {
        self.with(|state| (state.refreshes, state.logins, state.replays))
    }
}

impl TokenProvider for Rotating {
    async fn obtain(&self, _flight: &FlightContext) -> Result<Grant, TokenError> {
        self.with(|state| {
            if state.logins_fail {
                return Err(outage("no login"));
            }
            state.logins += 1;
            Ok(state.issue())
        })
    }

    async fn refresh(
        &self,
        token: &TokenData,
        _flight: &FlightContext,
    ) -> Result<Grant, TokenError> {
        self.with(|state| state.refresh(token))
    }

    fn renewal(&self) -> Renewal {
        Renewal::RefreshToken
    }
}

// C-48, W-C16, W-S08: each refresh uses the token that the one before it brought.
#[tokio::test(start_paused = true)]
async fn the_rotated_refresh_token_is_stored_and_used_next() {
    let authority = Rotating::default();
    let store = MemoryStore::new();
    let manager = builder(&authority).store(store.clone()).build();
    manager.get_token().await.unwrap();
    for number in 2..6 {
        advance(secs(1)).await;
        let renewed = manager.refresh_token().await.unwrap();
        assert_eq!(renewed, token(&format!("token-{number}")));
        let record = store.load().await.unwrap().record.unwrap();
        let stored = record.token.refresh_token().unwrap();
        assert_eq!(stored.expose_secret(), format!("refresh-{number}"));
    }
    assert_eq!(authority.counts(), (4, 1, 0));
}

// W-S08, C-48: neither this process nor the next replays a token whose rotation may have happened.
#[tokio::test(start_paused = true)]
async fn a_refresh_token_that_may_be_spent_is_never_sent_again() {
    for peers in [false, true] {
        let authority = Rotating::default();
        let (store, clock) = (MemoryStore::new(), PausedClock::new());
        let manager = || {
            builder(&authority)
                .store(store.clone())
                .clock(clock)
                .build()
        };
        let first = manager();
        first.get_token().await.unwrap();
        authority.troubled(Trouble::AnswerLost, true);
        first.refresh_token().await.unwrap_err();

        let second = if peers { manager() } else { first };
        authority.troubled(Trouble::None, true);
        advance(secs(120)).await;
        second.refresh_token().await.unwrap_err();
        authority.troubled(Trouble::None, false);
        advance(secs(120)).await;
        assert_eq!(second.refresh_token().await.unwrap(), token("token-3"));
        assert_eq!(authority.counts(), (1, 2, 0), "peers: {peers}");
        advance(secs(1)).await;
        second.refresh_token().await.unwrap();
        assert_eq!(authority.counts(), (2, 2, 0), "the mark is gone");
    }
}

// W-S08: a request that certainly did not leave spends nothing.
#[tokio::test(start_paused = true)]
async fn a_refresh_token_that_was_not_sent_is_used_later() {
    let authority = Rotating::default();
    let manager = builder(&authority).build();
    manager.get_token().await.unwrap();
    authority.troubled(Trouble::Unsent, true);
    manager.refresh_token().await.unwrap_err();
    authority.troubled(Trouble::None, true);
    advance(secs(1)).await;
    assert_eq!(manager.refresh_token().await.unwrap(), token("token-2"));
    assert_eq!(authority.counts(), (1, 1, 0));
}

/// A manager that holds token-2 from a refresh, which the store could not take.
async fn with_an_unsaved_token(
    authority: &Rotating,
    store: &FaultyStore,
    clock: PausedClock,
) -> TokenManager {
    let manager = builder(authority).store(store.clone()).clock(clock).build();
    manager.get_token().await.unwrap();
    store.fail(false, true, false);
    advance(secs(1)).await;
    assert_eq!(manager.refresh_token().await.unwrap(), token("token-2"));
    store.fail(false, false, false);
    manager
}

// C-30, A-38: what the store could not take is offered again before the process ends.
#[tokio::test(start_paused = true)]
async fn a_token_that_could_not_be_stored_is_stored_at_the_close() {
    let (authority, store) = (Rotating::default(), FaultyStore::default());
    let clock = PausedClock::new();
    let manager = with_an_unsaved_token(&authority, &store, clock).await;
    manager.close().await;
    let record = store.load().await.unwrap().record.unwrap();
    assert_eq!(record.token.token(), &token("token-2"));

    let next = builder(&authority).store(store).clock(clock).build();
    assert_eq!(next.get_token().await.unwrap(), token("token-2"));
    assert_eq!(authority.counts(), (1, 1, 0));
}

// C-30: nobody is there any more who could offer it.
#[tokio::test(start_paused = true)]
async fn a_close_that_was_given_up_or_failed_is_made_up_for_by_the_next() {
    let (authority, store) = (Rotating::default(), FaultyStore::default());
    let clock = PausedClock::new();
    let manager = with_an_unsaved_token(&authority, &store, clock).await;
    store.hold.store(true, Ordering::SeqCst);
    timeout(secs(1), manager.close()).await.unwrap_err();
    store.hold.store(false, Ordering::SeqCst);
    store.fail(false, true, false);
    manager.close().await;
    store.fail(false, false, false);
    manager.close().await;
    let record = store.load().await.unwrap().record.unwrap();
    assert_eq!(record.token.token(), &token("token-2"));
}

// C-30, A-34: but not into a store that somebody emptied since.
#[tokio::test(start_paused = true)]
async fn the_close_does_not_undo_a_logout_of_another_process() {
    let (authority, store) = (Rotating::default(), FaultyStore::default());
    let clock = PausedClock::new();
    let manager = with_an_unsaved_token(&authority, &store, clock).await;
    let elsewhere = builder(&authority).store(store.clone()).build();
    elsewhere.clear_token().await.unwrap();
    manager.close().await;
    assert_eq!(store.load().await.unwrap().record, None);
}

// C-48: in memory the rotated token is used, although the store has only the spent one.
#[tokio::test(start_paused = true)]
async fn an_unsaved_refresh_token_is_used_and_the_stored_one_is_not() {
    let (authority, store) = (Rotating::default(), FaultyStore::default());
    let clock = PausedClock::new();
    let manager = with_an_unsaved_token(&authority, &store, clock).await;
    let elsewhere = builder(&authority)
        .store(store.clone())
        .clock(clock)
        .build();
    assert_eq!(elsewhere.refresh_token().await.unwrap(), token("token-3"));
    assert_eq!(authority.counts(), (1, 2, 0), "the spent one is not sent");

    drop(elsewhere);
    advance(secs(1)).await;
    assert_eq!(manager.refresh_token().await.unwrap(), token("token-4"));
    assert_eq!(authority.counts().2, 0);
}
