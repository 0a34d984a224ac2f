//! No secret in any log line or error, at any level, from any crate.
//!
//! It is a program of its own, because it takes the log of the whole process.

#![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]

use std::io::Write;
use std::sync::{Arc, Mutex};

use amp_client::ApiClient;
use amp_sandbox::Sandbox;
use cidx_client::CidxClient;
use token_manager::{Credentials, FixedCredentials};
use token_store::{MemoryStore, TokenStore};
use tracing_subscriber::fmt::MakeWriter;

const USER: &str = "canary-user";
const PASSWORD: &str = "canary-password-5f1b";

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

fn client_of(sandbox: &Sandbox, password: &str) -> amp_client::ApiClientBuilder {
    let credentials = FixedCredentials::new(Credentials::new(USER, password));
    ApiClient::builder()
        .base_url(sandbox.base_url())
        .credentials(credentials)
        .retry(token_core::RetryConfig::instant())
}

/// What a CIDX client shows while its token is refreshed, revoked and refused, and its secrets.
async fn shown_by_cidx(shown: &mut String, secrets: &mut Vec<String>) {
    let sandbox = Sandbox::builder().cidx().credentials(USER, PASSWORD);
    let sandbox = sandbox.start().await.unwrap();
    let store = MemoryStore::new();
    let credentials = FixedCredentials::new(Credentials::new(USER, PASSWORD));
    let described = CidxClient::builder(sandbox.base_url(), credentials).store(store.clone());
    let client = described.build().await.unwrap();
    for fault in [
        "GET /repos=html",
        "POST /auth/refresh=half-body",
        "POST /auth/login=html",
    ] {
        sandbox.inject(fault.parse().unwrap());
        let called = client.get_json::<serde_json::Value>("/api/repos").await;
        shown.push_str(&format!("{client:?} {called:?}"));
        let _ = client.tokens().refresh_token().await;
        let record = store.load().await.unwrap().record.unwrap();
        secrets.push(record.token.token().expose_secret().to_owned());
        let refresh_token = record.token.refresh_token().unwrap();
        secrets.push(refresh_token.expose_secret().to_owned());
        sandbox.revoke_tokens();
    }
    client.close().await;
}

// W-A08, W-A09, W-A10, C-66
#[tokio::test]
async fn neither_password_nor_token_appears_in_logs_or_errors() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(log.clone())
        .finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();

    let sandbox = Sandbox::builder()
        .credentials(USER, PASSWORD)
        .start()
        .await
        .unwrap();
    let client = client_of(&sandbox, PASSWORD).build().await.unwrap();
    let mut secrets = vec![PASSWORD.to_owned(), "wrong-canary-password".to_owned()];
    let mut shown = format!("{client:?}");
    for fault in [
        "GET /assets=half-body*9",
        "GET /assets=html",
        "GET /assets=truncated-json",
    ] {
        sandbox.clear_faults();
        sandbox.inject(fault.parse().unwrap());
        if let Err(error) = client.get_assets().await {
            shown.push_str(&format!("{error} {error:?}"));
        }
        secrets.push(client.get_token().await.unwrap().expose_secret().to_owned());
        sandbox.revoke_tokens();
    }
    let refused = client_of(&sandbox, "wrong-canary-password")
        .build()
        .await
        .unwrap();
    let error = refused.get_assets().await.unwrap_err();
    shown.push_str(&format!("{error} {error:?}"));

    shown_by_cidx(&mut shown, &mut secrets).await;

    let log = log.text();
    assert!(log.contains("token renewed"), "the log must be real");
    for secret in secrets {
        assert!(!log.contains(&secret), "a secret is in the log");
        assert!(!shown.contains(&secret), "a secret is in an error");
    }
}
