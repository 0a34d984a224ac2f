//! A mock service on a socket.

use amp_client::{ApiClient, ApiClientBuilder, Credentials, FixedCredentials};
use httpmock::prelude::*;
use serde_json::json;

pub(crate) const TOKEN: &str = "0123456789abcdef0123456789abcdef01234567";
pub(crate) const NEXT: &str = "89abcdef0123456789abcdef0123456789abcdef";

pub(crate) fn builder(server: &MockServer) -> ApiClientBuilder {
    let credentials = Credentials::new("issuer", "p4ss \"word\" ü");
    ApiClient::builder()
        .base_url(&server.url("/api/"))
        .credentials(FixedCredentials::new(credentials))
}

pub(crate) async fn client(server: &MockServer) -> ApiClient {
    builder(server).build().await.unwrap()
}

/// The login of a service that hands out [`TOKEN`].
pub(crate) async fn login(server: &MockServer) -> httpmock::Mock<'_> {
    server
        .mock_async(|when, then| {
            when.method(POST).path("/api/user/obtain_token");
            then.status(200).json_body(json!({ "token": TOKEN }));
        })
        .await
}
