//! Whom the transport trusts, and what it speaks then; a TLS server over an in-memory stream.

#![expect(clippy::unwrap_used, reason = "the helpers of a test fail with it")]
#![allow(dead_code, reason = "the helpers are shared with other tests")]

mod server;

use std::io;
use std::sync::Arc;

use http::{Request, Version};
use server::{Fixture, OK, assert_error, http2_ok, http2_request, read_request, request};
use token_core::{Failure, Sent};
use tokio::io::{AsyncWriteExt, DuplexStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use transport::{TestStream, Transport, TransportBuilder};

const AUTHORITY: &[u8] = include_bytes!("fixtures/ca.pem");
const CERTIFICATE: &[u8] = include_bytes!("fixtures/server.pem");
const KEY: &[u8] = include_bytes!("fixtures/server-key.pem");

fn acceptor(protocols: &[&[u8]]) -> TlsAcceptor {
    let certificate = CertificateDer::from_pem_slice(CERTIFICATE).unwrap();
    let key = PrivateKeyDer::from_pem_slice(KEY).unwrap();
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
    TlsAcceptor::from(Arc::new(config))
}

/// Speaks what the client chose, and answers one request.
async fn serve(acceptor: TlsAcceptor, io: DuplexStream) -> io::Result<()> {
    let mut tls = acceptor.accept(io).await?;
    if tls.get_ref().1.alpn_protocol() == Some(b"h2") {
        http2_request(&mut tls).await?;
        tls.write_all(&http2_ok(1)).await?;
    } else {
        read_request(&mut tls).await?;
        tls.write_all(OK).await?;
    }
    tls.flush().await?;
    std::future::pending().await
}

fn fixture(builder: TransportBuilder, protocols: &[&[u8]]) -> Fixture {
    let acceptor = acceptor(protocols);
    Fixture::new(builder, TestStream::http1, move |_, io| {
        serve(acceptor.clone(), io)
    })
}

fn trusting() -> TransportBuilder {
    Transport::builder().with_root_certificates(AUTHORITY)
}

fn secure(host: &str) -> Request<bytes::Bytes> {
    let mut request = request();
    *request.uri_mut() = format!("https://{host}/issue?secret=1").parse().unwrap();
    request
}

// C-44: X-37.
#[tokio::test(start_paused = true)]
async fn the_server_chooses_between_http2_and_http1() {
    let cases: [(&[&[u8]], Version); 3] = [
        (&[b"h2", b"http/1.1"], Version::HTTP_2),
        (&[b"http/1.1"], Version::HTTP_11),
        (&[], Version::HTTP_11),
    ];
    for (protocols, version) in cases {
        let fixture = fixture(trusting(), protocols);
        let answer = fixture.send(secure("api.example.com")).await.unwrap();
        assert_eq!(answer.version(), version);
        assert_eq!(answer.status(), 200);
    }
}

// C-44
#[tokio::test(start_paused = true)]
async fn a_certificate_that_nobody_we_trust_signed_is_refused() {
    let fixture = fixture(Transport::builder(), &[]);
    let error = fixture.send(secure("api.example.com")).await.unwrap_err();
    assert_error(&error, Failure::Tls, Sent::No, "no trusted TLS connection");
}

// C-44
#[tokio::test(start_paused = true)]
async fn a_certificate_for_another_name_is_refused() {
    let fixture = fixture(trusting(), &[]);
    let error = fixture.send(secure("other.example.com")).await.unwrap_err();
    assert_error(
        &error,
        Failure::Tls,
        Sent::No,
        "no trusted TLS connection to other",
    );
}

#[test]
fn settings_that_cannot_work_are_told_when_the_transport_is_built() {
    let broken = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for pem in [&b"no certificate"[..], broken] {
        let built = Transport::builder().with_root_certificates(pem).build();
        let error = built.unwrap_err();
        assert_eq!(error.to_string(), "invalid TLS configuration");
        assert!(std::error::Error::source(&error).is_some());
    }
    let built = Transport::builder().with_user_agent("line\nbreak").build();
    assert!(built.unwrap_err().to_string().contains("user agent"));
}
