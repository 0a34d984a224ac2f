//! The client deals with tokens so that callers do not.

use std::sync::Arc;

use amp_client::{ApiClient, Error, ErrorKind, TokenStrategy};
use amp_sandbox::{DEFAULT_USERNAME, Sandbox};
use token_core::ErrorClass;
use token_manager::{Credentials, EventLog, FixedCredentials};

use crate::rig::{builder, client, inject, service, transport};

const OBTAIN: (&str, &str) = ("POST", "/user/obtain_token");
const REFRESH: (&str, &str) = ("GET", "/user/refresh-token");

fn count(service: &Sandbox, (method, path): (&str, &str)) -> usize {
    service.count(method, path)
}

//
#[tokio::test(start_paused = true)]
async fn a_call_gets_its_token_by_itself_and_the_next_one_finds_it() {
    let service = service();
    let client = client(&service).await;
    for _ in 0..3 {
        client.get_assets().await.unwrap();
    }
    assert_eq!(count(&service, OBTAIN), 1);
    assert_eq!(service.total(), 4);
}

// clones are one client.
#[tokio::test(start_paused = true)]
async fn two_hundred_first_callers_cause_one_login() {
    let service = service();
    let client = client(&service).await;
    let calls: Vec<_> = (0..200)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.get_assets().await })
        })
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!(count(&service, OBTAIN), 1);
}

// C-50, A-74
#[tokio::test(start_paused = true)]
async fn what_happens_to_the_token_can_be_watched_without_seeing_it() {
    let service = service();
    let log = EventLog::default();
    let builder = builder(&service).token_events(log.clone());
    let client = builder.build().await.unwrap();
    client.get_assets().await.unwrap();
    client.refresh_token().await.unwrap();
    let expected = ["flight_started", "obtained"].repeat(2);
    assert_eq!(log.take_names(), expected);

    let status = client.token_status();
    assert!(status.is_usable(), "{status}");
    let token = client.get_token().await.unwrap();
    let shown = format!("{status} {status:?} {:?}", log.events());
    assert!(!shown.contains(token.expose_secret()));
}

#[tokio::test(start_paused = true)]
async fn the_version_is_asked_for_without_a_token() {
    let service = service();
    let client = client(&service).await;
    assert!(!client.get_info().await.unwrap().version.is_empty());
    assert_eq!((count(&service, OBTAIN), service.total()), (0, 1));
    assert!(client.get_changelog().await.unwrap().entries().count() > 0);
}

//
#[tokio::test(start_paused = true)]
async fn the_token_methods_do_what_their_names_say() {
    let service = service();
    let client = client(&service).await;
    assert!(client.get_token_info().await.is_none());
    assert_eq!(
        service.total(),
        0,
        "asking about a token is not asking for one"
    );

    let first = client.refresh_token().await.unwrap();
    assert_eq!((count(&service, OBTAIN), count(&service, REFRESH)), (1, 0));
    assert_eq!(client.get_token().await.unwrap(), first);
    let second = client.force_refresh().await.unwrap();
    assert_eq!((count(&service, OBTAIN), count(&service, REFRESH)), (1, 1));
    assert_ne!(second, first);
    client.obtain_token().await.unwrap();
    assert_eq!(count(&service, OBTAIN), 2);

    let info = client.get_token_info().await.unwrap();
    assert!(!info.is_expired && !info.expires_soon);
    assert_eq!(info.expires_in.whole_hours(), 24);

    client.clear_token().await.unwrap();
    assert!(client.get_token_info().await.is_none());
    client.get_token().await.unwrap();
    assert_eq!(count(&service, OBTAIN), 3);
    assert_eq!(client.strategy().as_str(), "live");
}

// the service's own 40 hex characters come through.
#[tokio::test(start_paused = true)]
async fn a_refresh_that_fails_ends_in_a_login() {
    let service = service();
    let client = client(&service).await;
    client.get_token().await.unwrap();
    inject(&service, &["GET /user/refresh-token=500*3"]);
    let token = client.refresh_token().await.unwrap();
    assert_eq!(token.expose_secret().len(), 40);
    assert_eq!((count(&service, OBTAIN), count(&service, REFRESH)), (2, 3));
}

// A-57, W-A14: it is said what is wrong, and nobody asks twice.
#[tokio::test(start_paused = true)]
async fn a_wrong_password_is_said_to_be_wrong_and_not_tried_again() {
    let service = service();
    let wrong = Credentials::new(DEFAULT_USERNAME, "not-the-password");
    let client = builder(&service)
        .credentials(FixedCredentials::new(wrong))
        .build()
        .await
        .unwrap();
    for _ in 0..3 {
        let error = client.get_assets().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Authentication, "{error:?}");
        let text = error.to_string();
        assert!(
            text.starts_with("Token management error: Token obtain failed after 1 attempts: "),
            "{text}"
        );
        assert!(
            text.contains("Unable to log in with provided credentials."),
            "{text}"
        );
        let Error::Token { error, .. } = error else {
            panic!("{error:?}")
        };
        assert_eq!(error.class(), ErrorClass::Refused);
    }
    assert_eq!((count(&service, OBTAIN), service.total()), (1, 1));
}

// A-01, W-A21: without credentials nothing is sent, and certainly no mock token.
#[tokio::test(start_paused = true)]
async fn missing_credentials_are_named_and_nothing_is_sent() {
    let service = service();
    let client = ApiClient::builder()
        .base_url(service.base_url())
        .transport(transport(&service))
        .build()
        .await
        .unwrap();
    let error = client.get_assets().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration, "{error:?}");
    assert!(error.to_string().contains("AMP_USERNAME"), "{error}");
    assert_eq!(service.total(), 0);
}

// A-51, W-A06: only on explicit request; the text is in no output.
#[tokio::test(start_paused = true)]
async fn a_mock_token_is_fixed_and_never_asks_anybody() {
    let service = service();
    let client = builder(&service)
        .mock_token("made-up-token")
        .build()
        .await
        .unwrap();
    let first = client.get_token().await.unwrap();
    assert_eq!(first.expose_secret(), "made-up-token");
    assert_eq!(client.refresh_token().await.unwrap(), first);
    assert_eq!(client.obtain_token().await.unwrap(), first);
    client.clear_token().await.unwrap();
    assert_eq!(client.get_token().await.unwrap(), first);
    assert!(client.get_token_info().await.is_none());
    assert_eq!(client.strategy(), TokenStrategy::Mock);
    assert_eq!(client.strategy().as_str(), "mock");
    assert!(!client.persists_tokens());
    assert_eq!(service.total(), 0);
    assert!(!format!("{client:?}").contains("made-up-token"));

    let error = client.get_assets().await.unwrap_err();
    assert_eq!(
        error.kind(),
        ErrorKind::Authentication,
        "the service does not know it: {error:?}"
    );
    assert_eq!(count(&service, OBTAIN), 0);
}

// W-A02, W-A29: two accounts at two services live side by side, and tokens stay apart.
#[tokio::test(start_paused = true)]
async fn two_clients_share_nothing() {
    let other = Sandbox::builder()
        .seed(8)
        .credentials("other", "other-pass")
        .in_memory();
    let (one, other) = (service(), Arc::new(other));
    let first = client(&one).await;
    let second = builder(&other)
        .credentials(FixedCredentials::new(Credentials::new(
            "other",
            "other-pass",
        )))
        .build()
        .await
        .unwrap();
    first.get_assets().await.unwrap();
    second.get_assets().await.unwrap();
    let tokens = (
        first.get_token().await.unwrap(),
        second.get_token().await.unwrap(),
    );
    assert_ne!(tokens.0, tokens.1);
    first.clear_token().await.unwrap();
    assert!(second.get_token_info().await.is_some());
    assert_eq!((count(&one, OBTAIN), count(&other, OBTAIN)), (1, 1));
}

// W-A34: a manager may be shared, but only as a whole.
#[tokio::test(start_paused = true)]
async fn clients_may_share_one_manager() {
    let service = service();
    let first = client(&service).await;
    let second = ApiClient::builder()
        .base_url(service.base_url())
        .transport(transport(&service))
        .token_manager(first.token_manager().clone())
        .build()
        .await
        .unwrap();
    first.get_assets().await.unwrap();
    second.get_assets().await.unwrap();
    assert_eq!(count(&service, OBTAIN), 1);
}

#[tokio::test(start_paused = true)]
async fn a_closed_client_says_so() {
    let service = service();
    let client = client(&service).await;
    client.get_assets().await.unwrap();
    client.close().await;
    let error = client.get_assets().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Closed, "{error:?}");
    assert_eq!(service.count("GET", "/assets"), 1);
}
