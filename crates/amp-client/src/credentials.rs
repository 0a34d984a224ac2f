//! Credentials from the environment.

use std::ffi::OsString;

use token_manager::EnvCredentials;

use crate::environment::{PASSWORD, USERNAME};

/// `AMP_USERNAME` and `AMP_PASSWORD` as a source of credentials, read through `lookup` again at every
/// login.
///
/// A blank variable is as if unset. The user name is looked at first, and what is missing is named.
pub fn env_credentials<F>(lookup: F) -> EnvCredentials<F>
where
    F: Fn(&str) -> Option<OsString> + Send + Sync + 'static,
{
    EnvCredentials::new(USERNAME, PASSWORD, lookup)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use token_manager::CredentialSource;

    use super::*;

    fn from(
        pairs: &'static [(&'static str, &'static str)],
    ) -> EnvCredentials<impl Fn(&str) -> Option<OsString>> {
        env_credentials(move |name| {
            let found = pairs.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).into())
        })
    }

    // A-01, W-A21: what is missing is named, user name first; nothing is made up.
    #[test]
    fn a_missing_variable_is_named_and_the_user_name_comes_first() {
        let text = |pairs| from(pairs).credentials().unwrap_err().to_string();
        assert_eq!(text(&[]), "Configuration error: AMP_USERNAME is not set");
        assert_eq!(
            text(&[(USERNAME, "  "), (PASSWORD, "hunter2")]),
            "Configuration error: AMP_USERNAME is not set"
        );
        assert_eq!(
            text(&[(USERNAME, "issuer"), (PASSWORD, "")]),
            "Configuration error: AMP_PASSWORD is not set"
        );
    }

    //
    #[test]
    fn the_variables_are_read_at_every_login() {
        static CHANGED: AtomicBool = AtomicBool::new(false);
        let source = env_credentials(|name| {
            let changed = CHANGED.load(Ordering::Relaxed);
            Some(format!("{name}-{}", u8::from(changed)).into())
        });
        assert_eq!(source.credentials().unwrap().username, "AMP_USERNAME-0");
        CHANGED.store(true, Ordering::Relaxed);
        assert_eq!(source.credentials().unwrap().username, "AMP_USERNAME-1");
    }

    //
    #[test]
    fn debug_output_of_the_source_and_of_credentials_hides_the_password() {
        let source = from(&[(USERNAME, "issuer"), (PASSWORD, "hunter2")]);
        let shown = format!("{source:?} {:?}", source.credentials().unwrap());
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}
