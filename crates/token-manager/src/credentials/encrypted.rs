//! Credentials whose password is in an encrypted file.

use secrecy::SecretString;
use token_core::{ErrorClass, TokenError, TokenFailure};
use token_store::SecretFile;

use super::{CredentialSource, Credentials};

/// A user's password in an encrypted file, which is read at every login, so that a changed one is
/// seen. The user is the one that the file is bound to.
#[derive(Clone, Debug)]
pub struct EncryptedCredentials(SecretFile);

impl EncryptedCredentials {
    /// The password in this file.
    pub fn new(file: SecretFile) -> Self {
        Self(file)
    }

    /// The file, to write a password to.
    pub fn file(&self) -> &SecretFile {
        &self.0
    }
}

impl CredentialSource for EncryptedCredentials {
    fn credentials(&self) -> Result<Credentials, TokenError> {
        let user = self.0.binding().user();
        let reason = match self.0.read() {
            Ok(Some(password)) => return Ok(Credentials::new(user, password)),
            Ok(None) => format!("there is no password yet in {}", self.0.path().display()),
            Err(error) => error.to_string(),
        };
        let failure = TokenFailure::new(ErrorClass::Terminal, reason);
        Err(TokenError::Configuration(failure))
    }

    fn password_changed(&self, password: &SecretString) {
        if let Err(error) = self.0.write(password) {
            tracing::warn!(%error, "the changed password is not in its file");
        }
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;
    use tempfile::TempDir;
    use token_store::{Binding, Key, KeySet};

    use super::*;

    // A-01, W-A33, W-C18: the password is asked for at every login and kept in no text; a changed one is kept.
    #[test]
    fn the_password_is_read_anew_each_time_and_a_missing_one_is_named() {
        let place = TempDir::new().unwrap();
        let binding = Binding::new("https://cidx.example", "ann").unwrap();
        let keys = KeySet::new(Key::generate().unwrap());
        let file = SecretFile::open(place.path().join("password"), binding, keys).unwrap();
        let source = EncryptedCredentials::new(file);
        let error = source.credentials().unwrap_err().to_string();
        assert!(error.contains("no password yet"), "{error}");

        for password in ["canary-one", "canary-two"] {
            source.file().write(&password.into()).unwrap();
            let credentials = source.credentials().unwrap();
            assert_eq!(credentials.username, "ann");
            assert_eq!(credentials.password.expose_secret(), password);
            assert!(!format!("{source:?} {credentials:?}").contains("canary"));
        }
        source.password_changed(&"canary-three".into());
        let kept = source.credentials().unwrap().password;
        assert_eq!(kept.expose_secret(), "canary-three");
    }
}
