//! A client and a service that share a paused clock and no socket.

use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use amp_client::{ApiClient, ApiClientBuilder, Error, IssueAsset};
use amp_sandbox::{DEFAULT_PASSWORD, DEFAULT_USERNAME, Sandbox};
use token_manager::{Credentials, FixedCredentials, PausedClock};
use transport::{TestStream, Transport};

/// The service of a test.
pub(crate) fn service() -> Arc<Sandbox> {
    Arc::new(Sandbox::builder().seed(7).in_memory())
}

/// A transport whose connections all lead to this service.
pub(crate) fn transport(service: &Arc<Sandbox>) -> Transport {
    let service = Arc::clone(service);
    let connect = move |_| std::future::ready(Ok(TestStream::http1(service.connect())));
    Transport::builder()
        .with_connector(connect)
        // As the client sets it for its own transport: the time of a try is what ends it.
        .with_read_timeout(Duration::from_secs(60))
        .build()
        .unwrap()
}

/// A transport whose connections are all refused.
pub(crate) fn refusing() -> Transport {
    let refuse = |_| std::future::ready(Err(ErrorKind::ConnectionRefused.into()));
    Transport::builder().with_connector(refuse).build().unwrap()
}

/// The description of a client of this service, with the right credentials.
pub(crate) fn builder(service: &Arc<Sandbox>) -> ApiClientBuilder {
    let credentials = Credentials::new(DEFAULT_USERNAME, DEFAULT_PASSWORD);
    ApiClient::builder()
        .base_url(service.base_url())
        .credentials(FixedCredentials::new(credentials))
        .transport(transport(service))
        .clock(PausedClock::new())
}

pub(crate) async fn client(service: &Arc<Sandbox>) -> ApiClient {
    builder(service).build().await.unwrap()
}

/// Lets a fault script run.
pub(crate) fn inject(service: &Sandbox, faults: &[&str]) {
    for fault in faults {
        service.inject(fault.parse().unwrap());
    }
}

/// The name of the first asset that the service has.
pub(crate) async fn some_asset(client: &ApiClient) -> String {
    client.get_assets().await.unwrap()[0].asset_uuid.clone()
}

/// An issuance that the service accepts.
pub(crate) fn gold() -> IssueAsset {
    IssueAsset {
        name: "Gold coin".into(),
        amount: 1000,
        destination_address:
            "vjTvpDMQx3EQ2bS3pmmy7RivU3QTjGyyJFJy1Y5basdKmwpW3R4YRdsxFNT7B3bPNmJkgKCRCS63AtjR"
                .into(),
        domain: "gold.example".into(),
        ticker: "GOLD".into(),
        pubkey: format!("02{}", "ab".repeat(32)),
        ..IssueAsset::default()
    }
}

/// Everything that an error shows: its text, its debug output, and those of its sources.
pub(crate) fn everything_in(error: &Error) -> String {
    let mut shown = format!("{error}\n{error:?}");
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        shown.push_str(&format!("\n{cause}\n{cause:?}"));
        source = cause.source();
    }
    shown
}
