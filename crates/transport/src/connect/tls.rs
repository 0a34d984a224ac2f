//! Whom to trust.

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use crate::error::BoxError;

/// The certificates that a server's has to lead to.
#[derive(Debug)]
pub(crate) struct Roots(RootCertStore);

/// Why certificates could not be taken over.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TlsSetupError {
    #[error("the text holds no certificate in PEM form")]
    Empty,
    #[error("a certificate could not be read")]
    Unreadable(#[source] BoxError),
    #[error("the system has no certificates to trust")]
    #[cfg(feature = "native-roots")]
    NoNative(#[source] Option<rustls_native_certs::Error>),
    #[error("built without cryptography for TLS; enable the feature `ring` or `aws-lc-rs`")]
    #[cfg(not(any(feature = "ring", feature = "aws-lc-rs")))]
    NoProvider,
    #[error("TLS could not be set up")]
    #[cfg(any(feature = "ring", feature = "aws-lc-rs"))]
    Versions(#[source] rustls::Error),
}

impl Default for Roots {
    /// The authorities that browsers trust, or none without the feature `webpki-roots`.
    fn default() -> Self {
        #[cfg(feature = "webpki-roots")]
        let trusted = webpki_roots::TLS_SERVER_ROOTS.iter().cloned();
        #[cfg(not(feature = "webpki-roots"))]
        let trusted = std::iter::empty();
        Self(trusted.collect())
    }
}

impl Roots {
    /// Adds all certificates of a PEM text.
    pub(crate) fn add_pem(&mut self, pem: &[u8]) -> Result<(), TlsSetupError> {
        let before = self.0.len();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate =
                certificate.map_err(|error| TlsSetupError::Unreadable(error.into()))?;
            let added = self.0.add(certificate);
            added.map_err(|error| TlsSetupError::Unreadable(error.into()))?;
        }
        if self.0.len() == before {
            return Err(TlsSetupError::Empty);
        }
        Ok(())
    }

    /// Adds the certificates that the system trusts, without those that cannot be read: a system
    /// has some strange ones, and the others do for most servers.
    #[cfg(feature = "native-roots")]
    pub(crate) fn add_native(&mut self) -> Result<(), TlsSetupError> {
        let found = rustls_native_certs::load_native_certs();
        let (added, _) = self.0.add_parsable_certificates(found.certs);
        if added == 0 {
            return Err(TlsSetupError::NoNative(found.errors.into_iter().next()));
        }
        Ok(())
    }
}

/// `ring` where both are compiled in, so that no other crate's feature changes ours.
#[cfg(feature = "ring")]
use rustls::crypto::ring as crypto;

#[cfg(all(feature = "aws-lc-rs", not(feature = "ring")))]
use rustls::crypto::aws_lc_rs as crypto;

/// The configuration of all TLS connections; the provider is named, because rustls refuses to choose
/// where a process has several compiled in.
#[cfg(any(feature = "ring", feature = "aws-lc-rs"))]
pub(crate) fn client_config(roots: Roots) -> Result<ClientConfig, TlsSetupError> {
    let provider = std::sync::Arc::new(crypto::default_provider());
    let versions =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = versions.map_err(TlsSetupError::Versions)?;
    Ok(builder
        .with_root_certificates(roots.0)
        .with_no_client_auth())
}

#[cfg(not(any(feature = "ring", feature = "aws-lc-rs")))]
pub(crate) fn client_config(_: Roots) -> Result<ClientConfig, TlsSetupError> {
    Err(TlsSetupError::NoProvider)
}
