//! TLS, at the server's end.

use std::io;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::server::TlsStream;

use super::{Protocol, hold};

/// The authority that signed the certificate of `api.example.com`.
pub(crate) const AUTHORITY: &[u8] =
    include_bytes!("../../../../crates/transport/tests/fixtures/ca.pem");
const CERTIFICATE: &[u8] = include_bytes!("../../../../crates/transport/tests/fixtures/server.pem");
const KEY: &[u8] = include_bytes!("../../../../crates/transport/tests/fixtures/server-key.pem");

/// Shakes hands and chooses this protocol.
pub(crate) async fn accept(
    io: DuplexStream,
    protocol: Protocol,
) -> io::Result<TlsStream<DuplexStream>> {
    let certificate = CertificateDer::from_pem_slice(CERTIFICATE).unwrap();
    let key = PrivateKeyDer::from_pem_slice(KEY).unwrap();
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    config.alpn_protocols = match protocol {
        Protocol::Http1 => vec![b"http/1.1".to_vec()],
        Protocol::Http2 => vec![b"h2".to_vec()],
    };
    TlsAcceptor::from(Arc::new(config)).accept(io).await
}

/// Answers a greeting that it does not understand.
pub(crate) async fn answer_in_clear_text(mut io: DuplexStream) -> io::Result<()> {
    io.read_u8().await?;
    io.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await?;
    hold(io).await
}
