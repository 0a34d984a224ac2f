//! Whom the transport trusts, and what it speaks then; a TLS server over an in-memory stream.

#![expect(clippy::unwrap_used, reason = "the helpers of a test fail with it")]
#![allow(dead_code, reason = "the helpers are shared with other tests")]

mod server;

use http::{Request, Version};
use server::tls::{AUTHORITY, acceptor, serve};
use server::{Fixture, assert_error, request};
use token_core::{Failure, Sent};
use transport::{TestStream, Transport, TransportBuilder};

fn fixture(builder: TransportBuilder, protocols: &[&[u8]]) -> Fixture {
    let acceptor = acceptor(protocols);
    Fixture::new(
        builder,
        |_, io| TestStream::http1(io),
        move |_, io| serve(acceptor.clone(), io),
    )
}

fn trusting() -> TransportBuilder {
    Transport::builder().with_root_certificates(AUTHORITY)
}

fn secure(host: &str) -> Request<bytes::Bytes> {
    let mut request = request();
    *request.uri_mut() = format!("https://{host}/issue?secret=1").parse().unwrap();
    request
}

// C-44: X-37. Pitfall 19: with all features ring and aws-lc-rs are both compiled in, which `cargo xtask ci` tries.
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

// Nobody signed these certificates for this system, and its own authorities are still trusted.
#[cfg(feature = "native-roots")]
#[tokio::test(start_paused = true)]
async fn what_the_system_trusts_is_added_and_replaces_nothing() {
    let Ok(transport) = Transport::builder().with_native_roots().build() else {
        return;
    };
    drop(transport);
    let fixture = fixture(trusting().with_native_roots(), &[]);
    let answer = fixture.send(secure("api.example.com")).await.unwrap();
    assert_eq!(answer.status(), 200);
}
