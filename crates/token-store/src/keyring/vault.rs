//! The keyring as names with secrets, whatever the operating system calls it.

use keyring_core::api::CredentialStoreApi;
use keyring_core::{Entry, Error};
use zeroize::Zeroizing;

use crate::{StoreError, StoreErrorKind};

/// The largest secret in bytes: what the Windows Credential Manager takes
/// (`CRED_MAX_CREDENTIAL_BLOB_SIZE`), and so what every keyring takes.
pub(crate) const MAX_BYTES: usize = 2560;

/// What our entries are called together.
const SERVICE: &str = "token-store";

/// Names with secrets. Every method blocks, for as long as a service or a person takes.
pub(crate) trait Vault {
    fn get(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError>;

    fn set(&self, name: &str, secret: &[u8]) -> Result<(), StoreError>;

    /// Nothing there is fine.
    fn delete(&self, name: &str) -> Result<(), StoreError>;
}

/// The keyring of the operating system.
struct System(std::sync::Arc<dyn CredentialStoreApi + Send + Sync>);

/// Connects to the keyring of the operating system.
///
/// # Errors
///
/// [`StoreErrorKind::NoKeyring`] where there is none.
pub(crate) fn system() -> Result<Box<dyn Vault>, StoreError> {
    let store = connect().map_err(|error| {
        // Nothing secret was said yet, so the system's words may be repeated.
        let reason = format!("the system has no keyring: {error}");
        StoreError::new(StoreErrorKind::NoKeyring, reason)
    })?;
    Ok(Box::new(System(store)))
}

#[cfg(target_os = "macos")]
fn connect() -> Result<std::sync::Arc<apple_native_keyring_store::keychain::Store>, Error> {
    apple_native_keyring_store::keychain::Store::new()
}

#[cfg(windows)]
fn connect() -> Result<std::sync::Arc<windows_native_keyring_store::Store>, Error> {
    windows_native_keyring_store::Store::new()
}

#[cfg(all(unix, not(target_os = "macos")))]
fn connect() -> Result<std::sync::Arc<zbus_secret_service_keyring_store::Store>, Error> {
    zbus_secret_service_keyring_store::Store::new()
}

impl System {
    fn entry(&self, name: &str) -> Result<Entry, StoreError> {
        self.0.build(SERVICE, name, None).map_err(failed)
    }
}

impl Vault for System {
    fn get(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        match self.entry(name)?.get_secret() {
            Ok(secret) => Ok(Some(Zeroizing::new(secret))),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(failed(error)),
        }
    }

    fn set(&self, name: &str, secret: &[u8]) -> Result<(), StoreError> {
        self.entry(name)?.set_secret(secret).map_err(failed)
    }

    fn delete(&self, name: &str) -> Result<(), StoreError> {
        match self.entry(name)?.delete_credential() {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(failed(error)),
        }
    }
}

/// Some of these errors carry the secret, so none is kept as a cause and none is shown.
fn failed(error: Error) -> StoreError {
    let (kind, reason) = match error {
        Error::NoStorageAccess(_) => (
            StoreErrorKind::KeyringLocked,
            "the keyring is locked, or nobody unlocked it",
        ),
        Error::TooLong(..) => (
            StoreErrorKind::TooLarge,
            "the keyring takes no secret of this size",
        ),
        Error::Ambiguous(_) => (
            StoreErrorKind::Io,
            "the keyring has more than one entry of this name",
        ),
        _ => (StoreErrorKind::Io, "the keyring failed"),
    };
    StoreError::new(kind, reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    // the library's own errors may carry what was read.
    #[test]
    fn no_error_of_the_keyring_shows_what_it_carries() {
        let secret = b"s3cret".to_vec();
        for (error, kind) in [
            (Error::BadEncoding(secret.clone()), StoreErrorKind::Io),
            (
                Error::BadDataFormat(secret, "s3cret".into()),
                StoreErrorKind::Io,
            ),
            (
                Error::NoStorageAccess("s3cret".into()),
                StoreErrorKind::KeyringLocked,
            ),
            (
                Error::TooLong("s3cret".to_owned(), 2560),
                StoreErrorKind::TooLarge,
            ),
        ] {
            let shown = failed(error);
            assert_eq!(shown.kind(), kind);
            let text = format!("{shown} {shown:?}");
            assert!(
                !text.contains("s3cret") && !text.contains("115, 51"),
                "{text}"
            );
        }
    }
}
