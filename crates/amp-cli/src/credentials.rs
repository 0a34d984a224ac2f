//! User name and password from the environment, for commands that may have to log in.

use std::ffi::OsString;
use std::fmt;

use amp_client::env_credentials;
use secrecy::SecretString;
use token_core::{ErrorClass, TokenError, TokenFailure};
use token_manager::{CredentialSource, Credentials, EnvCredentials};

use crate::vars::Vars;

pub(crate) const USERNAME: &str = "AMP_USERNAME";
pub(crate) const PASSWORD: &str = "AMP_PASSWORD";

/// The two variables, read again at every login. Whatever is missing is named at once.
pub(crate) struct Variables(Vars);

impl Variables {
    pub(crate) fn new(vars: Vars) -> Self {
        Self(vars)
    }

    fn source(&self) -> EnvCredentials<impl Fn(&str) -> Option<OsString> + use<>> {
        let vars = self.0.clone();
        env_credentials(move |name| vars.text(name).map(OsString::from))
    }
}

impl CredentialSource for Variables {
    fn credentials(&self) -> Result<Credentials, TokenError> {
        match missing(&self.0) {
            None => self.source().credentials(),
            Some(reason) => {
                let failure = TokenFailure::new(ErrorClass::Terminal, reason);
                Err(TokenError::Configuration(failure))
            }
        }
    }

    /// Where no variable has the old password there is nothing to be told.
    fn password_changed(&self, password: &SecretString) {
        if self.0.has(PASSWORD) {
            self.source().password_changed(password);
        }
    }
}

impl fmt::Debug for Variables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Variables")
    }
}

/// Which of the two variables are missing, and what to do about it.
pub(crate) fn missing(vars: &Vars) -> Option<String> {
    let (names, them) = match (vars.has(USERNAME), vars.has(PASSWORD)) {
        (true, true) => return None,
        (true, false) => (format!("{PASSWORD} is"), "it"),
        (false, true) => (format!("{USERNAME} is"), "it"),
        (false, false) => (format!("{USERNAME} and {PASSWORD} are"), "them"),
    };
    let advice = format!("set {them} or run `amp auth login`");
    Some(format!(
        "{names} not set, and no usable token is stored; {advice}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    //
    #[test]
    fn whatever_is_missing_is_named_at_once() {
        let said = |vars| Variables::new(vars).credentials().unwrap_err().to_string();
        let both = said(Vars::of(&[(USERNAME, "  ")]));
        assert!(
            both.contains("AMP_USERNAME and AMP_PASSWORD are not set"),
            "{both}"
        );
        let one = said(Vars::of(&[(USERNAME, "issuer")]));
        assert!(one.contains(": AMP_PASSWORD is not set"), "{one}");
        assert!(!one.contains("issuer"), "{one}");
    }

    //
    #[test]
    fn debug_output_of_the_source_shows_no_password() {
        let source = Variables::new(Vars::of(&[(USERNAME, "issuer"), (PASSWORD, "hunter2")]));
        let shown = format!("{source:?} {:?}", source.credentials().unwrap());
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}
