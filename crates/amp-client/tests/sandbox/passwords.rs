//! Changing passwords: the caller's own, and a manager's.

use std::sync::Arc;
use std::time::Duration;

use amp_client::{ApiClient, CreateManager, Credentials, ErrorKind, FixedCredentials, TokenStatus};
use amp_sandbox::{DEFAULT_USERNAME, Sandbox};
use token_store::{MemoryStore, TokenStore};

use crate::rig::{builder, client, everything_in, inject, service};

const NEW: &str = "n3w-p4ssword";
const CHANGE: (&str, &str) = ("POST", "/user/change-password");

fn logins(service: &Sandbox) -> usize {
    service.count("POST", "/user/obtain_token")
}

async fn stored(store: &MemoryStore) -> String {
    let record = store.load().await.unwrap().record.unwrap();
    record.token.token().expose_secret().to_owned()
}

/// A client that keeps its token in this store, after its first call.
async fn kept(service: &Arc<Sandbox>) -> (ApiClient, MemoryStore) {
    let store = MemoryStore::new();
    let client = builder(service).store(store.clone()).build().await.unwrap();
    client.get_assets().await.unwrap();
    (client, store)
}

fn epoch(status: &TokenStatus) -> u64 {
    status.epoch().number()
}

// W-A33: upstream sent it to a path that the service does not have, and dropped the token.
#[tokio::test(start_paused = true)]
async fn the_token_of_a_changed_password_is_used_and_stored_and_nobody_logs_in() {
    let service = service();
    let (client, store) = kept(&service).await;
    let before = stored(&store).await;
    let changed = client.user_change_password(NEW).await.unwrap();
    assert_eq!(changed.username.as_deref(), Some(DEFAULT_USERNAME));
    let token = changed.token.expose_secret();
    assert_ne!(token, before);
    assert_eq!(client.get_token().await.unwrap(), changed.token);
    assert_eq!(stored(&store).await, token);
    client.get_assets().await.unwrap();
    assert_eq!(
        (service.count(CHANGE.0, CHANGE.1), logins(&service)),
        (1, 1)
    );
    assert_eq!(epoch(&client.token_status()), 2);
    assert!(client.token_status().is_saved());
}

// W-A33: a source that can keep the new password logs in with it.
#[tokio::test(start_paused = true)]
async fn the_next_login_uses_the_changed_password() {
    let service = service();
    let (client, _) = kept(&service).await;
    client.user_change_password(NEW).await.unwrap();
    // A token that is rejected right after it came is not renewed.
    tokio::time::advance(Duration::from_secs(60)).await;
    service.revoke_tokens();
    client.get_assets().await.unwrap();
    client.obtain_token().await.unwrap();
    assert_eq!(logins(&service), 3);
}

// W-A33: the token of a manager belongs to the manager.
#[tokio::test(start_paused = true)]
async fn the_token_of_a_manager_touches_neither_the_callers_token_nor_its_store() {
    let service = service();
    let (client, store) = kept(&service).await;
    let before = (stored(&store).await, epoch(&client.token_status()));
    let manager = CreateManager {
        username: "mary".into(),
        password: "first".into(),
    };
    let manager = client.create_manager(&manager).await.unwrap();
    client.unlock_manager(manager.id).await.unwrap();
    let changed = client
        .change_manager_password(manager.id, NEW)
        .await
        .unwrap();
    assert_eq!(changed.username.as_deref(), Some("mary"));
    let after = (stored(&store).await, epoch(&client.token_status()));
    assert_eq!(after, before);
    assert_eq!(client.get_token().await.unwrap().expose_secret(), before.0);
    assert_ne!(changed.token.expose_secret(), before.0);
    client.obtain_token().await.unwrap();

    let credentials = FixedCredentials::new(Credentials::new("mary", NEW));
    let mary = builder(&service).credentials(credentials).build();
    let mary = mary.await.unwrap().get_current_manager().await.unwrap();
    assert_eq!(mary.id, manager.id);
}

// W-A11, W-A33: once the password may be another one, a second request says nothing true.
#[tokio::test(start_paused = true)]
async fn a_change_of_password_whose_answer_is_lost_is_sent_once_and_said_to_be_uncertain() {
    for fault in ["reset-after", "reset", "503", "429:1", "stall-after"] {
        let service = service();
        let (client, _) = kept(&service).await;
        inject(&service, &[&format!("POST /user/change-password={fault}")]);
        let error = client.user_change_password(NEW).await.unwrap_err();
        assert_eq!(service.count(CHANGE.0, CHANGE.1), 1, "{fault}");
        assert_eq!(error.may_have_happened(), fault != "429:1", "{fault}");
        assert!(!everything_in(&error).contains(NEW), "{error:?}");
    }
}

// a rejected token was certainly not worked on.
#[tokio::test(start_paused = true)]
async fn a_change_of_password_with_a_revoked_token_is_replayed_once() {
    let service = service();
    let (client, _) = kept(&service).await;
    service.revoke_tokens();
    client.user_change_password(NEW).await.unwrap();
    assert_eq!(
        (service.count(CHANGE.0, CHANGE.1), logins(&service)),
        (2, 2)
    );
    client.get_assets().await.unwrap();
    assert_eq!(logins(&service), 2);
}

// A-72, W-A05
#[tokio::test(start_paused = true)]
async fn an_empty_password_is_refused_before_anything_is_sent() {
    let service = service();
    let client = client(&service).await;
    for error in [
        client.user_change_password("").await.unwrap_err(),
        client.change_manager_password(7, " ").await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Usage, "{error}");
    }
    assert_eq!(service.total(), 0);
}

// a mock has one token, whatever is asked of the service.
#[tokio::test(start_paused = true)]
async fn a_mock_token_stays_what_it_is() {
    let service = service();
    let real = client(&service).await.get_token().await.unwrap();
    let mock = builder(&service).mock_token(real.expose_secret());
    let mock = mock.build().await.unwrap();
    let changed = mock.user_change_password(NEW).await.unwrap();
    assert_eq!(mock.get_token().await.unwrap(), real);
    assert_ne!(changed.token, real);
}
