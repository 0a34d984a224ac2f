//! A token that comes with a changed password.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt;
use secrecy::{ExposeSecret, SecretString};
use token_core::{Clock, ErrorClass, Grant, Lifetime, TokenError};
use token_manager::{
    EventLog, FlightContext, PausedClock, ScriptedProvider, TokenManager, TokenProvider,
};
use token_store::{MemoryStore, TokenStore};
use tokio::time::advance;

use crate::faulty_store::FaultyStore;
use crate::kit::{DAY, GatedProvider, builder, failure, secs, token};

/// Installs a day-long token that was asked for just now.
async fn install(manager: &TokenManager, text: &str) -> Result<(), TokenError> {
    let grant = Grant::new(token(text), Lifetime::Assumed(DAY));
    let asked = PausedClock::new().now();
    manager.install(grant, &asked, &"new".into()).await
}

async fn stored(store: &impl TokenStore) -> Option<String> {
    let record = store.load().await.unwrap().record?;
    Some(record.token.token().expose_secret().to_owned())
}

// W-A33, A-75
#[tokio::test(start_paused = true)]
async fn an_installed_token_is_served_and_stored_and_told() {
    let provider = ScriptedProvider::with_latency(secs(1));
    let (store, log) = (MemoryStore::new(), EventLog::default());
    let manager = builder(&provider).store(store.clone()).events(log.clone());
    let manager = manager.build();
    manager.get_token().await.unwrap();
    log.take_names();
    install(&manager, "installed").await.unwrap();
    assert_eq!(manager.get_token().await.unwrap(), token("installed"));
    assert_eq!(stored(&store).await.as_deref(), Some("installed"));
    assert_eq!(log.take_names(), ["installed"]);
    let status = manager.status();
    assert!(status.is_saved(), "{status:?}");
    assert_eq!(status.generation(), 2);
    assert_eq!(provider.obtains(), 1);
}

// W-A33, W-A20: a login with the old password is under way.
#[tokio::test(start_paused = true)]
async fn who_waits_gets_the_installed_token_and_the_old_flight_is_neither_served_nor_stored() {
    let provider = GatedProvider::new();
    let store = MemoryStore::new();
    let log = EventLog::default();
    let manager = builder(&provider).store(store.clone()).events(log.clone());
    let manager = manager.build();
    let mut caller = Box::pin(manager.get_token());
    assert!((&mut caller).now_or_never().is_none());
    provider.started().await;
    install(&manager, "installed").await.unwrap();
    assert_eq!(caller.await.unwrap(), token("installed"));
    provider.open();
    advance(secs(1)).await;
    manager.close().await;
    assert_eq!(stored(&store).await.as_deref(), Some("installed"));
    let expected = ["flight_started", "flight_discarded", "installed", "closed"];
    assert_eq!(log.take_names(), expected);
}

// W-A33: other processes would take a record up that was stored in between.
#[tokio::test(start_paused = true)]
async fn what_others_stored_meanwhile_is_replaced() {
    let store = MemoryStore::new();
    let provider = ScriptedProvider::with_latency(Duration::ZERO);
    let (ours, theirs) = (builder(&provider), builder(&provider));
    let (ours, theirs) = (
        ours.store(store.clone()).build(),
        theirs.store(store.clone()).build(),
    );
    ours.get_token().await.unwrap();
    theirs.obtain_token().await.unwrap();
    install(&ours, "installed").await.unwrap();
    assert_eq!(stored(&store).await.as_deref(), Some("installed"));
    assert_eq!(theirs.try_current().unwrap(), "token token-2");
}

// A-38, C-30
#[tokio::test(start_paused = true)]
async fn a_store_that_cannot_take_the_installed_token_gets_it_at_the_close() {
    let provider = ScriptedProvider::with_latency(Duration::ZERO);
    let store = FaultyStore::default();
    let manager = builder(&provider).store(store.clone()).build();
    store.fail(false, true, false);
    install(&manager, "installed").await.unwrap();
    assert_eq!(manager.get_token().await.unwrap(), token("installed"));
    assert!(!manager.status().is_saved());
    store.fail(false, false, false);
    manager.close().await;
    assert_eq!(stored(&store).await.as_deref(), Some("installed"));
}

// A-34, W-A20
#[tokio::test(start_paused = true)]
async fn a_clear_after_an_installation_is_not_undone() {
    let provider = ScriptedProvider::with_latency(Duration::ZERO);
    let store = FaultyStore::default();
    let manager = builder(&provider).store(store.clone()).build();
    store.fail(false, true, false);
    install(&manager, "installed").await.unwrap();
    store.fail(false, false, false);
    manager.clear_token().await.unwrap();
    manager.close().await;
    assert_eq!(stored(&store).await, None);
}

/// An authority that hears of changed passwords, and refuses the one it began with.
#[derive(Clone, Debug, Default)]
struct Account(Arc<Mutex<Option<SecretString>>>);

impl TokenProvider for Account {
    async fn obtain(&self, _flight: &FlightContext) -> Result<Grant, TokenError> {
        match &*self.0.lock().unwrap() {
            Some(_) => Ok(Grant::new(token("login"), Lifetime::Assumed(DAY))),
            None => Err(failure(ErrorClass::Refused, "the password was changed")),
        }
    }

    fn password_changed(&self, password: &SecretString) {
        *self.0.lock().unwrap() = Some(password.clone());
    }
}

// W-A33: a login with the old password failed in between, and is not remembered.
#[tokio::test(start_paused = true)]
async fn the_provider_hears_of_the_password_and_the_refusal_of_the_old_one_is_forgotten() {
    let account = Account::default();
    let manager = builder(&account).build();
    manager.get_token().await.unwrap_err();
    install(&manager, "installed").await.unwrap();
    assert!(manager.status().last_error().is_none());
    assert_eq!(manager.obtain_token().await.unwrap(), token("login"));
    let heard = account.0.lock().unwrap();
    assert_eq!(heard.as_ref().unwrap().expose_secret(), "new");
}

#[tokio::test(start_paused = true)]
async fn a_closed_manager_installs_nothing_and_tells_the_password_even_so() {
    let account = Account::default();
    let manager = builder(&account).build();
    manager.close().await;
    let error = install(&manager, "installed").await.unwrap_err();
    assert!(matches!(error, TokenError::Closed), "{error:?}");
    assert_eq!(manager.try_current(), None);
    assert!(account.0.lock().unwrap().is_some());
}
