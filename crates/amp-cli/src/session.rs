//! One command's client: which service, which user, and where the token is kept.

use std::future::Future;
use std::time::Duration;

use amp_client::{ApiClient, BaseUrl, Error};
use token_manager::CredentialSource;
use token_store::{
    Accounts, Binding, FileStore, Generation, Loaded, MemoryStore, Origin, SharedTokenStore,
    TokenStore as _, default_directory,
};
use tokio::time::Instant;

use crate::context::Context;
use crate::credentials::{USERNAME, Variables};
use crate::error::Failure;
use crate::sandbox::Embedded;
use crate::settings::{Keeps, Settings};
use crate::vars::Vars;

/// The name of our directory in the place where a user's programs keep their state.
const APPLICATION: &str = "amp";

/// How long one try of an API call may take unless the whole command has less.
const ATTEMPT: Duration = Duration::from_secs(60);

/// How long a command may take where `--timeout` does not say so.
const TOTAL: Duration = Duration::from_secs(120);

/// What a command talks to, and for whom.
pub(crate) struct Session {
    settings: Settings,
    vars: Vars,
    user: Option<String>,
    origin: Origin,
    accounts: Option<Accounts>,
    file: Option<FileStore>,
    total: Duration,
    deadline: Instant,
    embedded: Option<Embedded>,
}

impl Session {
    /// Opens the session of the user that flag, environment or the last login name.
    ///
    /// A token file that cannot be used at all ends the command: going on without it would log in
    /// again with every command.
    pub(crate) async fn open(
        mut settings: Settings,
        context: &Context,
        user: Option<String>,
    ) -> Result<Self, Failure> {
        let embedded = embed(&mut settings).await?;
        let vars = context.vars.clone();
        let origin = Origin::parse(&settings.config.base_url().to_string())?;
        let directory = default_directory(APPLICATION, |name| vars.raw(name));
        let accounts = directory.map(Accounts::in_directory);
        let user = user
            .or_else(|| vars.text(USERNAME))
            .or_else(|| last_user(accounts.as_ref()?, &origin, context));
        let total = settings.total.unwrap_or(TOTAL);
        let mut session = Self {
            settings,
            vars,
            user,
            origin,
            accounts,
            file: None,
            total,
            deadline: Instant::now() + total,
            embedded,
        };
        session.file = session.open_file(context)?;
        session.stored().await?;
        Ok(session)
    }

    /// A client with the credentials of the environment, or those of the embedded service.
    pub(crate) async fn client(&self) -> Result<ApiClient, Failure> {
        match &self.embedded {
            Some(embedded) => self.client_with(embedded.credentials()).await,
            None => self.client_with(Variables::new(self.vars.clone())).await,
        }
    }

    /// A client with these credentials.
    pub(crate) async fn client_with(
        &self,
        credentials: impl CredentialSource,
    ) -> Result<ApiClient, Failure> {
        let store = match &self.file {
            Some(file) => SharedTokenStore::new(file.clone()),
            None => SharedTokenStore::new(MemoryStore::new()),
        };
        let vars = self.vars.clone();
        let client = ApiClient::builder()
            .settings(self.settings.builder.clone())
            .environment(move |name| vars.raw(name))
            .credentials(credentials)
            .store(store)
            .total_timeout(self.total)
            .attempt_timeout(ATTEMPT.min(self.total));
        Ok(client.build().await?)
    }

    /// Waits for token work that has no deadline of its own, at most as long as the command may
    /// take.
    pub(crate) async fn within<T>(
        &self,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Failure> {
        match tokio::time::timeout_at(self.deadline, work).await {
            Ok(result) => Ok(result?),
            Err(_) => Err(Failure::timeout(self.total)),
        }
    }

    /// Lets a renewal that runs behind the last call finish, so that the next command finds it.
    pub(crate) async fn close(&self, client: &ApiClient) {
        // A renewal that outlasts the command is given up; the held token stays stored.
        let _ = tokio::time::timeout_at(self.deadline, client.close()).await;
    }

    /// What the token file holds; nothing where tokens are not kept.
    pub(crate) async fn stored(&self) -> Result<Loaded, Failure> {
        match &self.file {
            Some(file) => Ok(file.load().await?),
            None => Ok(Loaded::new(None, Generation::ZERO)),
        }
    }

    /// Makes sure that a token was stored after `before`, where tokens are kept.
    pub(crate) async fn check_stored_since(&self, before: Generation) -> Result<(), Failure> {
        let Some(file) = &self.file else {
            return Ok(());
        };
        let loaded = self.stored().await?;
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

    pub(crate) fn base_url(&self) -> &BaseUrl {
        self.settings.config.base_url()
    }

    pub(crate) fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    /// What keeps the token, or would once somebody is named.
    pub(crate) fn store(&self) -> &'static str {
        let would_keep = self.settings.keeps == Keeps::File && self.user.is_none();
        if self.file.is_some() || would_keep {
            "file"
        } else {
            "memory"
        }
    }

    pub(crate) fn file(&self) -> Option<&FileStore> {
        self.file.as_ref()
    }

    /// The token file: the one that was named, or one of this user for this service.
    fn open_file(&self, context: &Context) -> Result<Option<FileStore>, Failure> {
        if self.settings.keeps == Keeps::Nothing {
            return Ok(None);
        }
        let named = self.settings.config.token_file();
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
        let default = || {
            let accounts = self.accounts.as_ref()?.path();
            Some(accounts.with_file_name(name))
        };
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

fn last_user(accounts: &Accounts, origin: &Origin, context: &Context) -> Option<String> {
    accounts.last_user(origin).unwrap_or_else(|error| {
        let path = accounts.path();
        let path = path.display();
        context
            .output
            .message(format_args!("warning: {path} is not used: {error}"));
        None
    })
}

/// Starts the embedded service where `--sandbox` asks for it, and points the settings at it.
async fn embed(settings: &mut Settings) -> Result<Option<Embedded>, Failure> {
    if !settings.sandbox {
        return Ok(None);
    }
    let embedded = Embedded::start().await?;
    settings.builder = settings.builder.clone().base_url(embedded.base_url());
    settings.config = settings.builder.clone().build()?;
    Ok(Some(embedded))
}
