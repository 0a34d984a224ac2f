//! The CIDX client on the CIDX flavour of the sandbox.

mod calls;
#[cfg(unix)]
mod commands;
#[cfg(unix)]
mod legacy;
mod life;
mod outages;
mod refusals;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use amp_sandbox::{DEFAULT_PASSWORD, DEFAULT_USERNAME, Sandbox, SandboxBuilder};
use cidx_client::{CidxClient, CidxClientBuilder, CidxError, CredentialSource, Credentials};
use serde_json::Value;
use token_core::TokenError;
use token_manager::PausedClock;
use transport::{TestStream, Transport};

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Credentials that somebody may correct.
#[derive(Clone, Debug)]
struct Desk(Arc<Mutex<Credentials>>);

impl Desk {
    fn with(password: &str) -> Self {
        let credentials = Credentials::new(DEFAULT_USERNAME, password);
        Self(Arc::new(Mutex::new(credentials)))
    }

    fn correct(&self) {
        *self.0.lock().unwrap() = Credentials::new(DEFAULT_USERNAME, DEFAULT_PASSWORD);
    }
}

impl CredentialSource for Desk {
    fn credentials(&self) -> Result<Credentials, TokenError> {
        Ok(self.0.lock().unwrap().clone())
    }
}

/// A server and its client without sockets, so that all time is tokio's.
struct Fixture {
    sandbox: Arc<Sandbox>,
    client: CidxClient,
}

impl Fixture {
    async fn new() -> Self {
        Self::of(Sandbox::builder().cidx()).await
    }

    async fn of(sandbox: SandboxBuilder) -> Self {
        let sandbox = Arc::new(sandbox.seed(7).in_memory());
        let desk = Desk::with(DEFAULT_PASSWORD);
        let client = described(&sandbox, desk).build().await.unwrap();
        Self { sandbox, client }
    }

    async fn with_password(password: &str) -> (Self, Desk) {
        let sandbox = Arc::new(Sandbox::builder().cidx().seed(7).in_memory());
        let desk = Desk::with(password);
        let client = described(&sandbox, desk.clone()).build().await.unwrap();
        (Self { sandbox, client }, desk)
    }

    /// One call that needs a token.
    async fn call(&self) -> Result<Value, CidxError> {
        self.client.get_json("/api/repos").await
    }

    fn inject(&self, faults: &[&str]) {
        let faults = faults.iter().map(|fault| fault.parse().unwrap());
        self.sandbox.inject_all(faults);
    }

    /// How many logins and how many refreshes the server has seen.
    fn asked(&self) -> (usize, usize) {
        (
            self.sandbox.count("POST", "/auth/login"),
            self.sandbox.count("POST", "/auth/refresh"),
        )
    }
}

fn described(sandbox: &Arc<Sandbox>, credentials: impl CredentialSource) -> CidxClientBuilder {
    let server = Arc::clone(sandbox);
    let transport = Transport::builder()
        .with_connector(move |_address| {
            let connection = server.connect();
            async move { Ok(TestStream::http1(connection)) }
        })
        .build()
        .unwrap();
    CidxClient::builder(sandbox.base_url(), credentials)
        .transport(transport)
        .clock(PausedClock::new())
}
