//! Where the token of one user at one service is kept.

use std::path::PathBuf;

use amp_client::{Config, StoreKind};
use token_store::{
    Accounts, Binding, ChosenStore, Generation, Loaded, MemoryStore, Origin, SharedTokenStore,
    StoreError, StoreErrorKind, TokenStore as _, Whereabouts, default_directory,
};

use crate::context::Context;
use crate::credentials::USERNAME;
use crate::error::Failure;
use crate::settings::{Keeps, Settings};

/// The name of our directory in the place where a user's programs keep their state.
const APPLICATION: &str = "amp";

/// The store, who it is for, and the list of who logged in last.
#[derive(Debug)]
pub(crate) struct Place {
    origin: Origin,
    user: Option<String>,
    accounts: Option<Accounts>,
    keeps: Keeps,
    whereabouts: Option<Whereabouts>,
    kept: Option<ChosenStore>,
    /// Why the store could not be opened.
    failure: Option<StoreError>,
}

impl Place {
    /// The place for the user that flag, environment or the last login name. Nothing is read yet
    /// but who logged in last, and the key.
    pub(crate) async fn find(
        settings: &Settings,
        context: &Context,
        user: Option<String>,
    ) -> Result<Self, Failure> {
        let vars = &context.vars;
        let origin = Origin::parse(&settings.config.base_url().to_string())?;
        let directory = default_directory(APPLICATION, |name| vars.raw(name));
        let accounts = directory.map(Accounts::in_directory);
        let user = user
            .or_else(|| vars.text(USERNAME))
            .or_else(|| last_user(accounts.as_ref()?, &origin, context));
        let mut place = Self {
            origin,
            user,
            accounts,
            keeps: settings.keeps.clone(),
            whereabouts: None,
            kept: None,
            failure: None,
        };
        place.whereabouts = place.locate(&settings.config, context)?;
        if let Some(whereabouts) = &place.whereabouts {
            let kind = place.kind();
            match open(kind, whereabouts, context).await {
                Ok(kept) => place.kept = kept,
                Err(error) => place.failure = Some(error),
            }
        }
        Ok(place)
    }

    /// The store of another kind at the same place.
    pub(crate) async fn other(
        &self,
        kind: StoreKind,
        context: &Context,
    ) -> Result<Option<ChosenStore>, StoreError> {
        match &self.whereabouts {
            Some(whereabouts) => open(kind, whereabouts, context).await,
            None => Ok(None),
        }
    }

    /// Goes on without the store if it is out of order (A-38, C-30); a place that cannot be trusted
    /// is an error all the same.
    pub(crate) async fn tolerate_failure(&mut self, context: &Context) -> Result<(), Failure> {
        match self.load().await {
            Err(error) if is_out_of_order(error.kind()) => {
                let warning = "warning: the token is not kept";
                context.output.message(format_args!("{warning}: {error}"));
                self.kept = None;
                self.failure = None;
                Ok(())
            }
            loaded => Ok(loaded.map(drop)?),
        }
    }

    /// What the store holds; nothing where tokens are not kept.
    pub(crate) async fn load(&self) -> Result<Loaded, StoreError> {
        match (&self.kept, &self.failure) {
            (Some(kept), _) => kept.store().load().await,
            (None, Some(failure)) => Err(failure.clone()),
            (None, None) => Ok(Loaded::new(None, Generation::ZERO)),
        }
    }

    /// Makes sure that a token was stored after `before`, where tokens are kept.
    pub(crate) async fn check_stored_since(&self, before: Generation) -> Result<(), Failure> {
        let Some(kept) = &self.kept else {
            return Ok(());
        };
        let loaded = self.load().await?;
        if loaded.record.is_some() && loaded.generation > before {
            return Ok(());
        }
        let place = describe(kept);
        Err(Failure::storage(format!(
            "the service handed out a token, but it could not be stored in {place}"
        )))
    }

    /// Notes the user, so that a later command finds the token without being told the name.
    pub(crate) fn remember_user(&self) -> Result<(), Failure> {
        match (&self.kept, &self.accounts, &self.user) {
            (Some(_), Some(accounts), Some(user)) => Ok(accounts.remember(&self.origin, user)?),
            _ => Ok(()),
        }
    }

    /// Forgets the user if that is who logged in last.
    pub(crate) fn forget_user(&self) -> Result<(), Failure> {
        let Some(accounts) = self.kept.as_ref().and(self.accounts.as_ref()) else {
            return Ok(());
        };
        if accounts.last_user(&self.origin)? == self.user {
            accounts.forget(&self.origin)?;
        }
        Ok(())
    }

    /// The store for a client.
    pub(crate) fn store(&self) -> SharedTokenStore {
        match &self.kept {
            Some(kept) => kept.store().clone(),
            None => SharedTokenStore::new(MemoryStore::new()),
        }
    }

    /// What keeps the token, or would once somebody is named.
    pub(crate) fn kind(&self) -> StoreKind {
        match (&self.kept, &self.keeps) {
            (Some(kept), _) => kept.kind().clone(),
            (None, Keeps::Nothing) => StoreKind::Memory,
            (None, Keeps::Kept(Some(kind))) => kind.clone(),
            (None, Keeps::Kept(None)) => match &self.whereabouts {
                Some(whereabouts) => whereabouts.file_kind(),
                None => StoreKind::File,
            },
        }
    }

    /// What keeps the token, in a word.
    pub(crate) fn store_name(&self) -> &'static str {
        let is_lost = self.kept.is_none() && self.user.is_some();
        if is_lost && self.failure.is_none() {
            return StoreKind::Memory.as_str();
        }
        self.kind().as_str()
    }

    pub(crate) fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    pub(crate) fn kept(&self) -> Option<&ChosenStore> {
        self.kept.as_ref()
    }

    /// Who logged in last, at which service.
    pub(crate) fn accounts(&self) -> Option<&Accounts> {
        self.accounts.as_ref()
    }

    /// What was said about the place, where somebody is named and tokens are kept.
    pub(crate) fn whereabouts(&self) -> Option<&Whereabouts> {
        self.whereabouts.as_ref()
    }

    fn locate(&self, config: &Config, context: &Context) -> Result<Option<Whereabouts>, Failure> {
        if self.keeps == Keeps::Nothing {
            return Ok(None);
        }
        let named = config.token_file().map(PathBuf::from);
        let Some(user) = &self.user else {
            if let Some(path) = named {
                let path = path.display();
                let warning = format!("warning: {path} is not used, because nobody is named");
                context
                    .output
                    .message(format_args!("{warning}; set {USERNAME}"));
            }
            return Ok(None);
        };
        let directory = self
            .accounts
            .as_ref()
            .and_then(|accounts| Some(accounts.path().parent()?.to_owned()));
        let is_file = !matches!(
            config.store(),
            Some(StoreKind::Keyring | StoreKind::Redis(_))
        );
        if is_file && named.is_none() && directory.is_none() {
            let warning = "warning: this user has no place for state, so the token is not kept";
            context
                .output
                .message(format_args!("{warning}; name one with --token-file"));
        }
        Ok(Some(Whereabouts {
            binding: Binding::of(self.origin.clone(), user)?,
            named,
            directory,
            key_file: config.key_file().map(PathBuf::from),
        }))
    }
}

async fn open(
    kind: StoreKind,
    whereabouts: &Whereabouts,
    context: &Context,
) -> Result<Option<ChosenStore>, StoreError> {
    let vars = context.vars.clone();
    ChosenStore::open(kind, whereabouts.clone(), move |name| vars.raw(name)).await
}

/// Where that is, in words: `the encrypted file /home/alice/…`.
pub(crate) fn describe(kept: &ChosenStore) -> String {
    let what = match kept.kind() {
        StoreKind::Memory => return "this process".to_owned(),
        StoreKind::Keyring => return "the keyring of the operating system".to_owned(),
        StoreKind::Redis(url) => return format!("the Redis server {url}"),
        StoreKind::File => "the plain file",
        StoreKind::Encrypted => "the encrypted file",
    };
    let path = kept.path().map(|path| path.display().to_string());
    format!("{what} {}", path.unwrap_or_default())
}

/// Whether the storage failed, rather than what is stored there.
fn is_out_of_order(kind: StoreErrorKind) -> bool {
    matches!(
        kind,
        StoreErrorKind::Denied
            | StoreErrorKind::NoSpace
            | StoreErrorKind::LockTimeout
            | StoreErrorKind::LockUnsupported
            | StoreErrorKind::NoKeyring
            | StoreErrorKind::KeyringLocked
            | StoreErrorKind::KeyringTimeout
            | StoreErrorKind::Unavailable
            | StoreErrorKind::Io
    )
}

fn last_user(accounts: &Accounts, origin: &Origin, context: &Context) -> Option<String> {
    accounts.last_user(origin).unwrap_or_else(|error| {
        let path = accounts.path();
        let path = path.display();
        let warning = format!("warning: {path} is not used: {error}");
        context.output.message(warning);
        None
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    // C-30
    #[test]
    fn only_failing_storage_is_gone_without_never_a_place_that_cannot_be_trusted() {
        let failing = [
            StoreErrorKind::Denied,
            StoreErrorKind::NoSpace,
            StoreErrorKind::LockTimeout,
            StoreErrorKind::LockUnsupported,
            StoreErrorKind::NoKeyring,
            StoreErrorKind::KeyringLocked,
            StoreErrorKind::KeyringTimeout,
            StoreErrorKind::Unavailable,
            StoreErrorKind::Io,
        ];
        assert!(failing.into_iter().all(is_out_of_order));
        let suspicious = [
            StoreErrorKind::UnsafePath,
            StoreErrorKind::TooLarge,
            StoreErrorKind::UnsupportedVersion,
            StoreErrorKind::Foreign,
            StoreErrorKind::WrongKey,
            StoreErrorKind::InvalidKey,
            StoreErrorKind::InvalidSetting,
            StoreErrorKind::Tampered,
            StoreErrorKind::Downgrade,
        ];
        assert!(!suspicious.into_iter().any(is_out_of_order));
    }
}
