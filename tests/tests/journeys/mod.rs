//! Clients on the sandbox, and the journeys they make.

mod faults;
mod pace;
mod restarts;
mod sharing;
mod storm;

use std::sync::Arc;

use amp_client::{ApiClient, ApiClientBuilder};
use amp_sandbox::{DEFAULT_PASSWORD, DEFAULT_USERNAME, Sandbox, SandboxBuilder};
use token_manager::{Credentials, FixedCredentials, PausedClock};
use transport::{TestStream, Transport};

/// A client of this sandbox with the right credentials and everything else as users get it.
fn described(sandbox: &Sandbox) -> ApiClientBuilder {
    let credentials = Credentials::new(DEFAULT_USERNAME, DEFAULT_PASSWORD);
    ApiClient::builder()
        .base_url(sandbox.base_url())
        .credentials(FixedCredentials::new(credentials))
}

/// A sandbox and its client without sockets, so that all time is tokio's.
async fn in_memory() -> (Arc<Sandbox>, ApiClient) {
    in_memory_with(|described| described).await
}

/// The same for a client that is not quite as users get it.
async fn in_memory_with(
    change: impl FnOnce(ApiClientBuilder) -> ApiClientBuilder,
) -> (Arc<Sandbox>, ApiClient) {
    let sandbox = Arc::new(Sandbox::builder().seed(7).in_memory());
    let client = change(client_of(&sandbox)).build().await.unwrap();
    (sandbox, client)
}

/// The same for a sandbox with settings of its own.
async fn in_memory_of(sandbox: SandboxBuilder) -> (Arc<Sandbox>, ApiClient) {
    let sandbox = Arc::new(sandbox.in_memory());
    let client = client_of(&sandbox).build().await.unwrap();
    (sandbox, client)
}

/// A client whose connections to this sandbox are in memory.
fn client_of(sandbox: &Arc<Sandbox>) -> ApiClientBuilder {
    described(sandbox)
        .transport(connected_to(sandbox))
        .clock(PausedClock::new())
}

fn connected_to(sandbox: &Arc<Sandbox>) -> Transport {
    let server = Arc::clone(sandbox);
    Transport::builder()
        .with_connector(move |_address| {
            let connection = server.connect();
            async move { Ok(TestStream::http1(connection)) }
        })
        .build()
        .unwrap()
}

fn logins(sandbox: &Sandbox) -> usize {
    sandbox.count("POST", "/user/obtain_token")
}

fn refreshes(sandbox: &Sandbox) -> usize {
    sandbox.count("GET", "/user/refresh-token")
}
