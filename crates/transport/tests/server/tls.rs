//! A TLS server over an in-memory stream.

use std::io;
use std::sync::Arc;

use tokio::io::{AsyncWriteExt, DuplexStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::{OK, http2_ok, http2_request, read_request};

pub(crate) const AUTHORITY: &[u8] = include_bytes!("../fixtures/ca.pem");
const CERTIFICATE: &[u8] = include_bytes!("../fixtures/server.pem");
const KEY: &[u8] = include_bytes!("../fixtures/server-key.pem");

pub(crate) fn acceptor(protocols: &[&[u8]]) -> TlsAcceptor {
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
pub(crate) async fn serve(acceptor: TlsAcceptor, io: DuplexStream) -> io::Result<()> {
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
