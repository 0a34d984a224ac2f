//! Where tokens are kept between runs, when somebody asked for that.

use std::ffi::OsString;
use std::sync::Arc;

use amp_api::BaseUrl;
use token_core::{ErrorClass, TokenError, TokenFailure};
use token_manager::CredentialSource;
use token_store::{
    Accounts, Binding, ChosenStore, Origin, StoreKind, Whereabouts, default_directory,
};

use crate::config::Config;
use crate::environment::{self, Persistence};
use crate::vars;

/// The name of our directory in the place where a user's programs keep their state.
const APPLICATION: &str = "amp";

/// Where settings come from, for work on other threads.
pub(crate) type Vars = Arc<dyn Fn(&str) -> Option<OsString> + Send + Sync>;

/// Opens the store that the settings ask for: a file that was named, or one of this user for this
/// service, the keyring, or Redis. `None` keeps tokens in the process alone, with a warning where that
/// surprises.
///
/// It may read one small file on the calling thread: the one that knows who logged in last.
pub(crate) async fn open(
    config: &Config,
    credentials: &dyn CredentialSource,
    vars: Vars,
) -> Result<Option<ChosenStore>, TokenError> {
    let Some(place) = place(config, credentials, &vars)? else {
        return Ok(None);
    };
    let kind = config.store().cloned();
    let kind = kind.unwrap_or_else(|| place.file_kind());
    if kind == StoreKind::Memory {
        return Ok(None);
    }
    let opened = ChosenStore::open(kind, place, move |name| vars(name)).await;
    let store = opened.map_err(|error| storage(error.to_string(), error))?;
    if store.is_none() {
        tracing::warn!("this user has no place for state, so the token is not kept");
    }
    Ok(store)
}

fn place(
    config: &Config,
    credentials: &dyn CredentialSource,
    vars: &Vars,
) -> Result<Option<Whereabouts>, TokenError> {
    if config.persistence() != Persistence::Wanted {
        if config.token_file().is_some() || config.store().is_some() {
            tracing::warn!("a place for tokens is named, but tokens are not kept");
        }
        return Ok(None);
    }
    let lookup = |name: &str| vars(name);
    let directory = default_directory(APPLICATION, lookup);
    let accounts = directory.clone().map(Accounts::in_directory);
    let named = vars::text(&lookup, environment::USERNAME);
    let binding = binding(config.base_url(), credentials, named, accounts.as_ref())?;
    if binding.is_none() {
        tracing::warn!("no user is known, so the token is not kept");
    }
    Ok(binding.map(|binding| Whereabouts {
        binding,
        named: config.token_file().map(ToOwned::to_owned),
        directory,
        key_file: config.key_file().map(ToOwned::to_owned),
    }))
}

/// Whose token it is: the user of the credentials, else the one that the environment names even
/// without a password, else the one who logged in last.
fn binding(
    base_url: &BaseUrl,
    credentials: &dyn CredentialSource,
    named: Option<String>,
    accounts: Option<&Accounts>,
) -> Result<Option<Binding>, TokenError> {
    let origin =
        Origin::parse(&base_url.to_string()).map_err(|error| storage(error.to_string(), error))?;
    let user = credentials.credentials().ok().map(|known| known.username);
    let user = user.or(named);
    let user = user.or_else(|| last_user(accounts?, &origin));
    user.map(|user| Binding::of(origin, &user))
        .transpose()
        .map_err(|error| storage(error.to_string(), error))
}

fn last_user(accounts: &Accounts, origin: &Origin) -> Option<String> {
    accounts.last_user(origin).unwrap_or_else(|error| {
        tracing::warn!(%error, "the list of accounts cannot be used");
        None
    })
}

fn storage(reason: String, source: impl std::error::Error + Send + Sync + 'static) -> TokenError {
    TokenError::Storage(TokenFailure::new(ErrorClass::Terminal, reason).with_source(source))
}

#[cfg(test)]
mod tests {
    use token_manager::Credentials;

    use super::*;

    #[derive(Debug)]
    struct NoPassword;

    impl CredentialSource for NoPassword {
        fn credentials(&self) -> Result<Credentials, TokenError> {
            Err(TokenError::Closed)
        }
    }

    #[test]
    fn the_user_that_the_environment_names_is_not_replaced_by_the_one_who_logged_in_last() {
        let url = BaseUrl::parse("https://amp.example/api").unwrap();
        let named = Some("alice".to_owned());
        let binding = binding(&url, &NoPassword, named, None).unwrap().unwrap();
        assert_eq!(binding.user(), "alice");
    }
}
