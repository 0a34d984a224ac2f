//! What is exchanged for a token, and where it comes from.

mod encrypted;
mod environment;
mod function;

use std::fmt::{self, Debug};
use std::sync::Arc;

use secrecy::SecretString;
use token_core::TokenError;

pub use encrypted::EncryptedCredentials;
pub use environment::EnvCredentials;
pub use function::{CredentialsFn, credentials_fn};

use crate::sync::Mutex;

/// A user name and a password; `Debug` shows neither.
#[derive(Clone)]
#[non_exhaustive]
pub struct Credentials {
    /// The name of the account.
    pub username: String,
    /// Its password, which is wiped when dropped.
    pub password: SecretString,
}

impl Credentials {
    /// These credentials.
    pub fn new(username: impl Into<String>, password: impl Into<SecretString>) -> Self {
        Self {
            username: username.into(),
            password: password.into(),
        }
    }
}

impl Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials([redacted])")
    }
}

/// Where credentials come from. It is asked at every login, so that changed ones are seen,
/// and it must not keep the caller waiting.
pub trait CredentialSource: Debug + Send + Sync + 'static {
    /// The credentials as they are now.
    ///
    /// # Errors
    ///
    /// [`TokenError::Configuration`] that names what is missing.
    fn credentials(&self) -> Result<Credentials, TokenError>;

    /// Hears that the password of this account is another one now. A source that can keep it
    /// answers with it from now on; by default nothing follows, and the next login fails until the
    /// source has the new password by another way. It is called off the runtime, so it may write a
    /// file.
    fn password_changed(&self, password: &SecretString) {
        let _ = password;
    }
}

/// Credentials that were given in code. They change only with the password itself, where this
/// program changed it; a clone shows the same credentials.
#[derive(Clone)]
pub struct FixedCredentials(Arc<Mutex<Credentials>>);

impl FixedCredentials {
    /// These credentials, always.
    pub fn new(credentials: Credentials) -> Self {
        Self(Arc::new(Mutex::new(credentials)))
    }
}

impl CredentialSource for FixedCredentials {
    fn credentials(&self) -> Result<Credentials, TokenError> {
        Ok(self.0.lock().clone())
    }

    fn password_changed(&self, password: &SecretString) {
        self.0.lock().password = password.clone();
    }
}

impl Debug for FixedCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FixedCredentials([redacted])")
    }
}

impl<S: CredentialSource + ?Sized> CredentialSource for std::sync::Arc<S> {
    fn credentials(&self) -> Result<Credentials, TokenError> {
        (**self).credentials()
    }

    fn password_changed(&self, password: &SecretString) {
        (**self).password_changed(password);
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    // A-74, W-A05
    #[test]
    fn debug_output_of_credentials_hides_the_password() {
        let shown = format!("{:?}", Credentials::new("issuer", "p4ssw0rd"));
        assert_eq!(shown, "Credentials([redacted])");
    }

    // W-A33: so that the next login is not refused.
    #[test]
    fn credentials_from_code_follow_a_password_that_was_changed_here() {
        let source = FixedCredentials::new(Credentials::new("issuer", "old"));
        let (same, shared) = (source.clone(), Arc::new(source));
        shared.password_changed(&"new".into());
        for credentials in [same.credentials().unwrap(), shared.credentials().unwrap()] {
            assert_eq!(credentials.username, "issuer");
            assert_eq!(credentials.password.expose_secret(), "new");
        }
    }

    // W-C18: whoever wants the text has to say so, and the copies are wiped.
    #[test]
    fn the_password_is_a_secret_in_all_that_a_source_hands_out() {
        fn assert_wiped<T: zeroize::ZeroizeOnDrop>(_: &T) {}
        let source = FixedCredentials::new(Credentials::new("issuer", "p4ssw0rd"));
        let credentials = source.credentials().unwrap();
        assert_wiped(&credentials.password);
        let shown = format!("{source:?} {:?} {credentials:#?}", credentials.password);
        assert!(!shown.contains("p4ssw0rd"), "{shown}");
        assert_eq!(credentials.password.expose_secret(), "p4ssw0rd");
    }
}
