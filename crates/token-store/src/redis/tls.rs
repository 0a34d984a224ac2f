//! TLS to the server, always with its certificate checked.

use std::fmt;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::refusal;
use crate::{InvalidRedisStore, StoreError, StoreErrorKind};

/// Whom we trust to be the server.
#[derive(Clone)]
pub(crate) struct Tls(Arc<ClientConfig>);

impl Tls {
    /// Trusts the authorities in this PEM text, or without one those that browsers trust.
    pub(crate) fn new(authorities: Option<&[u8]>) -> Result<Self, InvalidRedisStore> {
        let roots = match authorities {
            Some(pem) => private_roots(pem)?,
            None => RootCertStore {
                roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
            },
        };
        // Said here, because a process may have two providers and no default one.
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|_| InvalidRedisStore::NoTls)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self(Arc::new(config)))
    }

    pub(crate) async fn shake_hands(
        &self,
        host: &str,
        stream: TcpStream,
    ) -> Result<TlsStream<TcpStream>, StoreError> {
        let name = ServerName::try_from(host.to_owned());
        let name = name.map_err(|_| refusal::of_io(&std::io::ErrorKind::InvalidInput.into()))?;
        let connecting = TlsConnector::from(Arc::clone(&self.0)).connect(name, stream);
        connecting.await.map_err(|error| refused(&error))
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tls")
    }
}

/// Says of a certificate that is not accepted why, so that it is told from a server that is away.
fn refused(error: &std::io::Error) -> StoreError {
    let inner = error.get_ref();
    match inner.and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(tls) => {
            let reason = format!("no TLS with the Redis server: {tls}");
            StoreError::new(StoreErrorKind::Unavailable, reason)
        }
        None => refusal::of_io(error),
    }
}

fn private_roots(pem: &[u8]) -> Result<RootCertStore, InvalidRedisStore> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|_| InvalidRedisStore::Certificates)?;
        let added = roots.add(certificate);
        added.map_err(|_| InvalidRedisStore::Certificates)?;
    }
    if roots.is_empty() {
        return Err(InvalidRedisStore::Certificates);
    }
    Ok(roots)
}
