//! Credentials from two variables of an environment.

use std::ffi::OsString;
use std::fmt;

use secrecy::SecretString;
use token_core::{ErrorClass, TokenError, TokenFailure};

use super::{CredentialSource, Credentials};

/// A user name and a password from two variables, read again at every login (A-01).
///
/// A blank variable is as if unset. The user name is looked at first, and what is missing is
/// named. The caller brings the environment: `std::env::var_os`, or a map in a test.
///
/// ```
/// use token_manager::{CredentialSource, EnvCredentials};
///
/// let source = EnvCredentials::new("CIDX_USERNAME", "CIDX_PASSWORD", |_| None);
/// let error = source.credentials().unwrap_err();
/// assert_eq!(error.to_string(), "Configuration error: CIDX_USERNAME is not set");
/// ```
#[derive(Clone)]
pub struct EnvCredentials<F> {
    username: &'static str,
    password: &'static str,
    lookup: F,
}

impl<F> EnvCredentials<F>
where
    F: Fn(&str) -> Option<OsString> + Send + Sync + 'static,
{
    /// Reads the variables of these names through `lookup`.
    pub fn new(username: &'static str, password: &'static str, lookup: F) -> Self {
        Self {
            username,
            password,
            lookup,
        }
    }

    fn read(&self, name: &str) -> Result<String, TokenError> {
        match (self.lookup)(name).map(OsString::into_string) {
            Some(Ok(text)) if !text.trim().is_empty() => Ok(text),
            Some(Ok(_)) | None => Err(unusable(format!("{name} is not set"))),
            Some(Err(_)) => Err(unusable(format!("{name} is not Unicode text"))),
        }
    }
}

impl<F> CredentialSource for EnvCredentials<F>
where
    F: Fn(&str) -> Option<OsString> + Send + Sync + 'static,
{
    fn credentials(&self) -> Result<Credentials, TokenError> {
        let username = self.read(self.username)?;
        let password = self.read(self.password)?;
        Ok(Credentials::new(username, password))
    }

    /// The environment is not ours to change, so this is said aloud: the next login would fail.
    fn password_changed(&self, _password: &SecretString) {
        let variable = self.password;
        tracing::warn!(
            variable,
            "the password was changed; {variable} holds the old one"
        );
    }
}

impl<F> fmt::Debug for EnvCredentials<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EnvCredentials")
            .field("username", &self.username)
            .field("password", &self.password)
            .finish_non_exhaustive()
    }
}

fn unusable(reason: String) -> TokenError {
    TokenError::Configuration(TokenFailure::new(ErrorClass::Terminal, reason))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    fn of(
        pairs: &'static [(&'static str, &'static str)],
    ) -> EnvCredentials<impl Fn(&str) -> Option<OsString>> {
        EnvCredentials::new("THE_USER", "THE_PASSWORD", move |name| {
            let found = pairs.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).into())
        })
    }

    // A-01, W-A21: what is missing is named, user name first; nothing is made up.
    #[test]
    fn a_missing_variable_is_named_and_the_user_name_comes_first() {
        let text = |pairs| of(pairs).credentials().unwrap_err().to_string();
        assert_eq!(text(&[]), "Configuration error: THE_USER is not set");
        assert_eq!(
            text(&[("THE_USER", "  "), ("THE_PASSWORD", "hunter2")]),
            "Configuration error: THE_USER is not set"
        );
        assert_eq!(
            text(&[("THE_USER", "issuer"), ("THE_PASSWORD", "")]),
            "Configuration error: THE_PASSWORD is not set"
        );
    }

    // A-01: and what is no text is not replaced by something that is.
    #[cfg(unix)]
    #[test]
    fn a_variable_that_is_not_unicode_is_an_error() {
        use std::os::unix::ffi::OsStringExt;

        let source = EnvCredentials::new("THE_USER", "THE_PASSWORD", |_| {
            Some(OsString::from_vec(vec![0xff, 0xfe]))
        });
        let error = source.credentials().unwrap_err().to_string();
        assert_eq!(error, "Configuration error: THE_USER is not Unicode text");
    }

    // A-01
    #[test]
    fn the_variables_are_read_at_every_login() {
        static CHANGED: AtomicBool = AtomicBool::new(false);
        let source = EnvCredentials::new("THE_USER", "THE_PASSWORD", |name| {
            let changed = CHANGED.load(Ordering::Relaxed);
            Some(format!("{name}-{}", u8::from(changed)).into())
        });
        assert_eq!(source.credentials().unwrap().username, "THE_USER-0");
        CHANGED.store(true, Ordering::Relaxed);
        assert_eq!(source.credentials().unwrap().username, "THE_USER-1");
    }

    // A-74, W-C18
    #[test]
    fn debug_output_names_the_variables_and_shows_no_value() {
        let source = of(&[("THE_USER", "issuer"), ("THE_PASSWORD", "hunter2")]);
        let shown = format!("{source:?} {:?}", source.credentials().unwrap());
        assert!(shown.contains("THE_PASSWORD"), "{shown}");
        assert!(
            !shown.contains("hunter2") && !shown.contains("issuer"),
            "{shown}"
        );
    }
}
