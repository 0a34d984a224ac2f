//! Where tokens are kept between runs, when somebody asked for that.

use amp_api::BaseUrl;
use token_core::{ErrorClass, TokenError, TokenFailure};
use token_manager::CredentialSource;
use token_store::{Accounts, Binding, FileStore, Origin, default_directory};

use crate::config::Config;
use crate::environment::{self, Persistence};
use crate::vars::{self, Lookup};

/// The name of our directory in the place where a user's programs keep their state.
const APPLICATION: &str = "amp";

/// Opens the token file that the settings ask for: an explicit path, or a file of this user for
/// this service. `None` keeps tokens in the process alone, with a warning where that surprises.
///
/// It may read one small file on the calling thread: the one that knows who logged in last.
pub(crate) fn open(
    config: &Config,
    credentials: &dyn CredentialSource,
    lookup: Lookup<'_>,
) -> Result<Option<FileStore>, TokenError> {
    if config.persistence() != Persistence::Wanted {
        if config.token_file().is_some() {
            tracing::warn!("a token file is named, but tokens are not kept");
        }
        return Ok(None);
    }
    let directory = default_directory(APPLICATION, lookup);
    let accounts = directory.clone().map(Accounts::in_directory);
    let named = vars::text(lookup, environment::USERNAME);
    let binding = binding(config.base_url(), credentials, named, accounts.as_ref())?;
    let Some(binding) = binding else {
        tracing::warn!("no user is known, so the token is not kept");
        return Ok(None);
    };
    let default = || directory.map(|place| place.join(format!("{}.json", binding.file_stem())));
    let named = config.token_file().map(ToOwned::to_owned);
    let is_named = named.is_some();
    let Some(path) = named.or_else(default) else {
        tracing::warn!("this user has no place for state, so the token is not kept");
        return Ok(None);
    };
    // A file without a binding is another program's, unless the user named that very file.
    let store = FileStore::builder(path, binding)
        .adopt_unbound(is_named)
        .open();
    store
        .map(Some)
        .map_err(|error| storage(error.to_string(), error))
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
