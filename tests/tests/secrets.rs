//! No secret in any log line, error or panic, at any level, from any crate.
//!
//! It is a program of its own, because it takes the log of the whole process.

#![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]

use amp_client::ApiClient;
use amp_sandbox::Sandbox;
use cidx_client::CidxClient;
use token_manager::{Canary, FixedCredentials, Output};
use token_store::{MemoryStore, TokenStore};

const USER: &str = "some-user";

fn client_of(sandbox: &Sandbox, password: &Canary) -> amp_client::ApiClientBuilder {
    ApiClient::builder()
        .base_url(sandbox.base_url())
        .credentials(FixedCredentials::new(password.credentials(USER)))
        .retry(token_core::RetryConfig::instant())
}

/// What a CIDX client shows while its token is refreshed, revoked and refused, and its tokens.
async fn shown_by_cidx(password: &Canary, shown: &Output, tokens: &mut Vec<String>) {
    let sandbox = Sandbox::builder().cidx().credentials(USER, password.text());
    let sandbox = sandbox.start().await.unwrap();
    let store = MemoryStore::new();
    let credentials = FixedCredentials::new(password.credentials(USER));
    let described = CidxClient::builder(sandbox.base_url(), credentials).store(store.clone());
    let client = described.build().await.unwrap();
    for fault in [
        "GET /repos=html",
        "POST /auth/refresh=half-body",
        "POST /auth/login=html",
    ] {
        sandbox.inject(fault.parse().unwrap());
        let called = client.get_json::<serde_json::Value>("/api/repos").await;
        shown.add_debug(&client);
        shown.add_debug(&called);
        let _ = client.tokens().refresh_token().await;
        let record = store.load().await.unwrap().record.unwrap();
        tokens.push(record.token.token().expose_secret().to_owned());
        let refresh_token = record.token.refresh_token().unwrap();
        tokens.push(refresh_token.expose_secret().to_owned());
        sandbox.revoke_tokens();
    }
    client.close().await;
}

// W-A08, W-A09, W-A10, C-66
#[tokio::test]
async fn neither_password_nor_token_appears_in_logs_errors_or_panics() {
    let (output, shown) = (Output::new(), Output::new());
    let log = output.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || log.clone())
        .finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();
    output.take_panics();

    let (password, wrong) = (Canary::new("password"), Canary::new("wrong-password"));
    let sandbox = Sandbox::builder()
        .credentials(USER, password.text())
        .start()
        .await
        .unwrap();
    let client = client_of(&sandbox, &password).build().await.unwrap();
    shown.add_debug(&client);
    let mut tokens = Vec::new();
    for fault in [
        "GET /assets=half-body*9",
        "GET /assets=html",
        "GET /assets=truncated-json",
    ] {
        sandbox.clear_faults();
        sandbox.inject(fault.parse().unwrap());
        if let Err(error) = client.get_assets().await {
            shown.add(&error.to_string());
            shown.add_debug(&error);
        }
        let token = client.get_token().await.unwrap();
        tokens.push(token.expose_secret().to_owned());
        let client = client.clone();
        let panicking = tokio::spawn(async move { panic!("a handler fails with {client:?}") });
        shown.add_debug(&panicking.await);
        sandbox.revoke_tokens();
    }
    let refused = client_of(&sandbox, &wrong).build().await.unwrap();
    let error = refused.get_assets().await.unwrap_err();
    shown.add(&error.to_string());
    shown.add_debug(&error);

    shown_by_cidx(&password, &shown, &mut tokens).await;

    let logged = output.text();
    assert!(logged.contains("token obtained"), "the log must be real");
    assert!(
        logged.contains("http.request.resend_count"),
        "a repeated try is logged as one"
    );
    assert!(
        logged.contains("a handler fails"),
        "the panics must be real"
    );
    for collected in [&output, &shown] {
        collected.assert_hides([&password, &wrong]);
        for token in &tokens {
            assert!(!collected.text().contains(token), "a token is shown");
        }
    }
}
