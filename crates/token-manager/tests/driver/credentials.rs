//! Refused credentials: remembered for what was refused, and for nothing else.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::join_all;
use token_core::{Clock, ErrorClass, Grant, TokenError};
use token_manager::{
    CredentialDigest, FlightContext, PausedClock, TokenManager, TokenManagerBuilder, TokenProvider,
};
use token_store::{FailureNote, Lease, LeaseAttempt, MemoryStore, NoteClass, TokenStore};
use tokio::time::{Instant, advance, sleep};

use crate::kit::{DAY, builder, failure, grant, secs, token};

/// An authority that accepts one password, and a user who may change his.
#[derive(Clone, Debug)]
struct Account(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    password: Option<&'static str>,
    logins: u32,
    /// How often anybody asked which credentials there are.
    asked: u32,
    /// The provider does not say what it logs in with.
    notes_nothing: bool,
}

impl Account {
    fn with(password: Option<&'static str>) -> Self {
        Self(Arc::new(Mutex::new(State {
            password,
            logins: 0,
            asked: 0,
            notes_nothing: false,
        })))
    }

    fn change_to(&self, password: &'static str) {
        self.0.lock().unwrap().password = Some(password);
    }

    fn logins(&self) -> u32 {
        self.0.lock().unwrap().logins
    }

    fn asked(&self) -> u32 {
        self.0.lock().unwrap().asked
    }
}

impl TokenProvider for Account {
    async fn obtain(&self, flight: &FlightContext) -> Result<Grant, TokenError> {
        let Some(digest) = self.credential_digest() else {
            return Err(failure(ErrorClass::Terminal, "no password"));
        };
        let mut state = self.0.lock().unwrap();
        if !state.notes_nothing {
            flight.note_credentials(digest);
        }
        state.logins += 1;
        match state.password {
            Some("right") => Ok(grant(&format!("token-{}", state.logins), DAY)),
            _ => Err(failure(ErrorClass::Refused, "wrong password")),
        }
    }

    fn credential_digest(&self) -> Option<CredentialDigest> {
        let mut state = self.0.lock().unwrap();
        state.asked += 1;
        let password = state.password?;
        Some(CredentialDigest::of([password.as_bytes()]))
    }
}

/// A manager with a store and a clock that others may have, too.
fn on(account: &Account, store: &MemoryStore, clock: PausedClock) -> TokenManagerBuilder {
    builder(account).store(store.clone()).clock(clock)
}

// X-36, C-63: the same credentials are not sent again, other ones at once.
#[tokio::test(start_paused = true)]
async fn a_refusal_ends_with_the_credentials_that_it_was_for() {
    let account = Account::with(Some("wrong"));
    let manager = builder(&account).build();
    for _ in 0..5 {
        let error = manager.get_token().await.unwrap_err();
        assert_eq!(error.class(), ErrorClass::Refused, "{error}");
    }
    assert_eq!(account.logins(), 1);

    account.change_to("still wrong");
    manager.get_token().await.unwrap_err();
    manager.get_token().await.unwrap_err();
    assert_eq!(account.logins(), 2, "once for each password");

    account.change_to("right");
    assert_eq!(manager.get_token().await.unwrap(), token("token-3"));
}

// who sets the missing variable is not kept waiting for the minute to pass.
#[tokio::test(start_paused = true)]
async fn missing_credentials_are_noticed_as_soon_as_they_are_there() {
    let account = Account::with(None);
    let manager = builder(&account).build();
    let error = manager.get_token().await.unwrap_err();
    assert_eq!(error.class(), ErrorClass::Terminal);
    account.change_to("right");
    assert_eq!(manager.get_token().await.unwrap(), token("token-1"));
}

// X-36, C-36: the latch of CIDX: an account is not locked by a job that goes on trying.
#[tokio::test(start_paused = true)]
async fn a_latch_without_end_holds_until_the_credentials_change() {
    let account = Account::with(Some("wrong"));
    let manager = builder(&account).refusal_hold(Duration::MAX).build();
    for _ in 0..50 {
        manager.get_token().await.unwrap_err();
        advance(secs(3_600)).await;
    }
    assert_eq!(account.logins(), 1);
    account.change_to("right");
    manager.get_token().await.unwrap();
}

// X-36, W-A19: 64 processes with one wrong password cause one login, and each hears why.
#[tokio::test(start_paused = true)]
async fn processes_with_the_same_refused_credentials_do_not_each_try_them() {
    let account = Account::with(Some("wrong"));
    let (store, clock) = (MemoryStore::new(), PausedClock::new());
    let started = Instant::now();
    let managers: Vec<TokenManager> = (0..64)
        .map(|seed| on(&account, &store, clock).seed(seed).build())
        .collect();
    for answer in join_all(managers.iter().map(TokenManager::get_token)).await {
        assert_eq!(answer.unwrap_err().class(), ErrorClass::Refused);
    }
    assert_eq!(account.logins(), 1);
    assert!(started.elapsed() < secs(45), "{:?}", started.elapsed());

    account.change_to("right");
    let token = managers[40].get_token().await.unwrap();
    assert_eq!(managers[7].get_token().await.unwrap(), token);
    assert_eq!(account.logins(), 2);
}

// a process with the right password is not kept out by one with a wrong one.
#[tokio::test(start_paused = true)]
async fn a_refusal_of_other_credentials_keeps_nobody_out() {
    let (store, clock) = (MemoryStore::new(), PausedClock::new());
    let wrong = Account::with(Some("wrong"));
    let right = Account::with(Some("right"));
    let refused = on(&wrong, &store, clock).build();
    refused.get_token().await.unwrap_err();
    let manager = on(&right, &store, clock).build();
    assert_eq!(manager.get_token().await.unwrap(), token("token-1"));
    advance(secs(60)).await;
    assert_eq!(
        refused.get_token().await.unwrap(),
        token("token-1"),
        "of the account that they share"
    );
}

// the renewal behind a token that is still served goes on with the new password, too.
#[tokio::test(start_paused = true)]
async fn corrected_credentials_are_used_before_the_held_token_ends() {
    let account = Account::with(Some("right"));
    let manager = builder(&account).refusal_hold(Duration::MAX).build();
    manager.get_token().await.unwrap();
    account.change_to("wrong");
    advance(DAY - secs(200)).await;
    for _ in 0..5 {
        assert_eq!(manager.get_token().await.unwrap(), token("token-1"));
        sleep(secs(1)).await;
    }
    assert_eq!(account.logins(), 2, "the wrong one is tried once");

    account.change_to("right");
    assert_eq!(manager.get_token().await.unwrap(), token("token-1"));
    sleep(secs(1)).await;
    assert_eq!(manager.get_token().await.unwrap(), token("token-3"));
}

// a provider that does not say what it logged in with must not lock the account.
#[tokio::test(start_paused = true)]
async fn a_refusal_is_remembered_where_the_login_notes_no_credentials() {
    let account = Account::with(Some("wrong"));
    account.0.lock().unwrap().notes_nothing = true;
    let manager = builder(&account).build();
    for _ in 0..5 {
        manager.get_token().await.unwrap_err();
    }
    assert_eq!(account.logins(), 1);
    account.change_to("right");
    manager.get_token().await.unwrap();
}

// to look whether a note is about us is slow on purpose, so it is done once, however
// often the lease is asked for.
#[tokio::test(start_paused = true)]
async fn while_another_holds_the_lease_its_note_is_judged_once() {
    let account = Account::with(Some("right"));
    let (store, clock) = (MemoryStore::new(), PausedClock::new());
    let manager = on(&account, &store, clock).build();
    let until = clock.now().wall + secs(60);
    let note = FailureNote::new(NoteClass::Refused, until).about([7; 16]);
    lease(&store).await.fail(note).await.unwrap();
    let held = lease(&store).await;
    let (token, ()) = tokio::join!(manager.get_token(), async {
        sleep(secs(2)).await;
        drop(held);
    });
    token.unwrap();
    // Once for the note, and twice for the login.
    assert!(account.asked() <= 4, "{}", account.asked());
}

async fn lease(store: &MemoryStore) -> Lease {
    match store.try_lease(secs(45)).await {
        LeaseAttempt::Acquired(lease) => lease,
        other => panic!("{other:?}"),
    }
}
