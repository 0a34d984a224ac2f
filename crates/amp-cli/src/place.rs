//! Where the token of one user at one service is kept.

use amp_client::Config;
use token_store::{
    Accounts, Binding, FileStore, Generation, Loaded, MemoryStore, Origin, SharedTokenStore,
    StoreError, StoreErrorKind, TokenStore as _, default_directory,
};

use crate::context::Context;
use crate::credentials::USERNAME;
use crate::error::Failure;
use crate::settings::{Keeps, Settings};

/// The name of our directory in the place where a user's programs keep their state.
const APPLICATION: &str = "amp";

/// The token file, who it is for, and the list of who logged in last.
#[derive(Debug)]
pub(crate) struct Place {
    origin: Origin,
    user: Option<String>,
    accounts: Option<Accounts>,
    keeps: Keeps,
    file: Option<FileStore>,
}

impl Place {
    /// The place for the user that flag, environment or the last login name. Nothing is read yet
    /// but who logged in last.
    pub(crate) fn find(
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
            keeps: settings.keeps,
            file: None,
        };
        place.file = place.open_file(&settings.config, context)?;
        Ok(place)
    }

    /// Goes on without the file if it is out of order (A-38, C-30); a place that cannot be trusted
    /// is an error all the same.
    pub(crate) async fn tolerate_failure(&mut self, context: &Context) -> Result<(), Failure> {
        match self.load().await {
            Err(error) if is_out_of_order(error.kind()) => {
                let warning = "warning: the token is not kept";
                context.output.message(format_args!("{warning}: {error}"));
                self.file = None;
                Ok(())
            }
            loaded => Ok(loaded.map(drop)?),
        }
    }

    /// What the token file holds; nothing where tokens are not kept.
    pub(crate) async fn load(&self) -> Result<Loaded, StoreError> {
        match &self.file {
            Some(file) => file.load().await,
            None => Ok(Loaded::new(None, Generation::ZERO)),
        }
    }

    /// Makes sure that a token was stored after `before`, where tokens are kept.
    pub(crate) async fn check_stored_since(&self, before: Generation) -> Result<(), Failure> {
        let Some(file) = &self.file else {
            return Ok(());
        };
        let loaded = self.load().await?;
        if loaded.record.is_some() && loaded.generation > before {
            return Ok(());
        }
        let path = file.path();
        Err(Failure::storage(format!(
            "the service handed out a token, but it could not be stored: {}",
            path.display()
        )))
    }

    /// Notes the user, so that a later command finds the token without being told the name.
    pub(crate) fn remember_user(&self) -> Result<(), Failure> {
        match (&self.file, &self.accounts, &self.user) {
            (Some(_), Some(accounts), Some(user)) => Ok(accounts.remember(&self.origin, user)?),
            _ => Ok(()),
        }
    }

    /// Forgets the user if that is who logged in last.
    pub(crate) fn forget_user(&self) -> Result<(), Failure> {
        let Some(accounts) = self.file.as_ref().and(self.accounts.as_ref()) else {
            return Ok(());
        };
        if accounts.last_user(&self.origin)? == self.user {
            accounts.forget(&self.origin)?;
        }
        Ok(())
    }

    /// The store for a client.
    pub(crate) fn store(&self) -> SharedTokenStore {
        match &self.file {
            Some(file) => SharedTokenStore::new(file.clone()),
            None => SharedTokenStore::new(MemoryStore::new()),
        }
    }

    /// What keeps the token, or would once somebody is named.
    pub(crate) fn store_name(&self) -> &'static str {
        let would_keep = self.keeps == Keeps::File && self.user.is_none();
        if self.file.is_some() || would_keep {
            "file"
        } else {
            "memory"
        }
    }

    pub(crate) fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    pub(crate) fn file(&self) -> Option<&FileStore> {
        self.file.as_ref()
    }

    /// The token file: the one that was named, or one of this user for this service.
    fn open_file(&self, config: &Config, context: &Context) -> Result<Option<FileStore>, Failure> {
        if self.keeps == Keeps::Nothing {
            return Ok(None);
        }
        let named = config.token_file();
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
        let binding = Binding::of(self.origin.clone(), user)?;
        let name = format!("{}.json", binding.file_stem());
        let default = || Some(self.accounts.as_ref()?.path().with_file_name(name));
        let Some(path) = named.map(Into::into).or_else(default) else {
            let warning = "warning: this user has no place for state, so the token is not kept";
            context
                .output
                .message(format_args!("{warning}; name one with --token-file"));
            return Ok(None);
        };
        // A file that names no service and no user is taken over only where it was named itself.
        let file = FileStore::builder(path, binding).adopt_unbound(named.is_some());
        Ok(Some(file.open()?))
    }
}

/// Whether the storage failed, rather than what is stored there.
fn is_out_of_order(kind: StoreErrorKind) -> bool {
    matches!(
        kind,
        StoreErrorKind::Denied
            | StoreErrorKind::NoSpace
            | StoreErrorKind::LockTimeout
            | StoreErrorKind::LockUnsupported
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
            StoreErrorKind::Io,
        ];
        assert!(failing.into_iter().all(is_out_of_order));
        let suspicious = [
            StoreErrorKind::UnsafePath,
            StoreErrorKind::TooLarge,
            StoreErrorKind::UnsupportedVersion,
            StoreErrorKind::Foreign,
        ];
        assert!(!suspicious.into_iter().any(is_out_of_order));
    }
}
