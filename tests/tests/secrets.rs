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

/// What programs show on purpose, and the tokens that they had meanwhile.
#[derive(Default)]
struct Shown {
    output: Output,
    tokens: Vec<String>,
}

impl Shown {
    fn error(&self, error: &(impl std::error::Error + 'static)) {
        self.output.add(&error.to_string());
        self.output.add_debug(error);
    }

    fn token(&mut self, token: &str) {
        self.tokens.push(token.to_owned());
    }
}

fn client_of(sandbox: &Sandbox, password: &Canary) -> amp_client::ApiClientBuilder {
    ApiClient::builder()
        .base_url(sandbox.base_url())
        .credentials(FixedCredentials::new(password.credentials(USER)))
        .retry(token_core::RetryConfig::instant())
}

/// What an AMP client shows while its token is revoked and refused, and in a panic.
async fn shown_by_amp(shown: &mut Shown, password: &Canary, wrong: &Canary) {
    let sandbox = Sandbox::builder().credentials(USER, password.text());
    let sandbox = sandbox.start().await.unwrap();
    let client = client_of(&sandbox, password).build().await.unwrap();
    shown.output.add_debug(&client);
    for fault in [
        "GET /assets=half-body*9",
        "GET /assets=html",
        "GET /assets=truncated-json",
    ] {
        sandbox.clear_faults();
        sandbox.inject(fault.parse().unwrap());
        if let Err(error) = client.get_assets().await {
            shown.error(&error);
        }
        shown.token(client.get_token().await.unwrap().expose_secret());
        let client = client.clone();
        let panicking = tokio::spawn(async move { panic!("a handler fails with {client:?}") });
        shown.output.add_debug(&panicking.await);
        sandbox.revoke_tokens();
    }
    let refused = client_of(&sandbox, wrong).build().await.unwrap();
    shown.error(&refused.get_assets().await.unwrap_err());
}

/// What a CIDX client shows while its token is refreshed, revoked and refused.
async fn shown_by_cidx(shown: &mut Shown, password: &Canary) {
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
        shown.output.add_debug(&(&client, called));
        let _ = client.tokens().refresh_token().await;
        let record = store.load().await.unwrap().record.unwrap();
        shown.token(record.token.token().expose_secret());
        shown.token(record.token.refresh_token().unwrap().expose_secret());
        sandbox.revoke_tokens();
    }
    client.close().await;
}

// W-A08, W-A09, W-A10, C-66
#[tokio::test]
async fn neither_password_nor_token_appears_in_logs_errors_or_panics() {
    let logged = Output::new();
    let log = logged.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || log.clone())
        .finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();
    logged.take_panics();

    let [amp, wrong, cidx] = ["amp", "wrong", "cidx"].map(Canary::new);
    let mut shown = Shown::default();
    shown_by_amp(&mut shown, &amp, &wrong).await;
    shown_by_cidx(&mut shown, &cidx).await;

    for real in ["token obtained", "a handler fails"] {
        assert!(logged.text().contains(real), "{real} must be there");
    }
    for output in [&logged, &shown.output] {
        output.assert_hides([&amp, &wrong, &cidx]);
        let text = output.text();
        for token in &shown.tokens {
            assert!(!text.contains(token), "a token is shown");
        }
    }
}
