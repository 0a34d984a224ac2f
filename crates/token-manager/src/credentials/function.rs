//! Credentials that a function brings.

use std::fmt;

use token_core::TokenError;

use super::{CredentialSource, Credentials};

/// Credentials from a function, which is asked at every login: a vault's client, a file, a
/// configuration that is reloaded. It must not keep the caller waiting.
///
/// ```
/// use token_manager::{CredentialSource, Credentials, credentials_fn};
///
/// let source = credentials_fn(|| Ok(Credentials::new("issuer", "password of this hour")));
/// assert_eq!(source.credentials()?.username, "issuer");
/// # Ok::<(), token_core::TokenError>(())
/// ```
pub fn credentials_fn<F>(function: F) -> CredentialsFn<F>
where
    F: Fn() -> Result<Credentials, TokenError> + Send + Sync + 'static,
{
    CredentialsFn(function)
}

/// The source that [`credentials_fn`] makes.
#[derive(Clone)]
pub struct CredentialsFn<F>(F);

impl<F> CredentialSource for CredentialsFn<F>
where
    F: Fn() -> Result<Credentials, TokenError> + Send + Sync + 'static,
{
    fn credentials(&self) -> Result<Credentials, TokenError> {
        (self.0)()
    }
}

impl<F> fmt::Debug for CredentialsFn<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CredentialsFn")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use token_core::{ErrorClass, TokenFailure};

    use super::*;

    // A-01: what it says now counts, and its error reaches the caller as it is.
    #[test]
    fn the_function_is_asked_each_time() {
        let asked = AtomicU32::new(0);
        let source = credentials_fn(move || match asked.fetch_add(1, Ordering::Relaxed) {
            0 => Ok(Credentials::new("issuer", "canary-password")),
            _ => {
                let failure = TokenFailure::new(ErrorClass::Terminal, "the vault is sealed");
                Err(TokenError::Configuration(failure))
            }
        });
        assert_eq!(source.credentials().unwrap().username, "issuer");
        let error = source.credentials().unwrap_err().to_string();
        assert_eq!(error, "Configuration error: the vault is sealed");
        assert_eq!(format!("{source:?}"), "CredentialsFn");
    }
}
