//! One command's client: which service, which user, and how much time it has.

use std::future::Future;
use std::time::Duration;

use amp_client::{ApiClient, ApiClientBuilder, BaseUrl, Error};
use token_manager::CredentialSource;
use token_store::MemoryStore;
use tokio::time::Instant;

use crate::context::Context;
use crate::credentials::Variables;
use crate::error::{Failure, Kind};
use crate::interrupt::or_interrupted;
use crate::place::Place;
use crate::sandbox::Embedded;
use crate::settings::Settings;
use crate::vars::Vars;
use crate::waiting::{Progress, Waiting};

/// How long one try of an API call may take unless the whole command has less.
const ATTEMPT: Duration = Duration::from_secs(60);

/// How long a command may take where `--timeout` does not say so.
const TOTAL: Duration = Duration::from_secs(120);

/// How long the end of a command waits for a renewal: one try of a token call.
const GRACE: Duration = Duration::from_secs(10);

/// What a command talks to, and for whom.
pub(crate) struct Session {
    settings: Settings,
    vars: Vars,
    place: Place,
    total: Duration,
    deadline: Instant,
    embedded: Option<Embedded>,
    waiting: Waiting,
}

impl Session {
    /// Opens the session of the user that flag, environment or the last login name, for a command
    /// about the token itself: storage that fails ends it.
    pub(crate) async fn open(
        settings: Settings,
        context: &Context,
        user: Option<String>,
    ) -> Result<Self, Failure> {
        let session = Self::prepare(settings, context, user).await?;
        session.place.load().await?;
        Ok(session)
    }

    /// Opens the session for a call, which goes on where its token cannot be kept.
    pub(crate) async fn open_for_call(
        settings: Settings,
        context: &Context,
    ) -> Result<Self, Failure> {
        let mut session = Self::prepare(settings, context, None).await?;
        session.place.tolerate_failure(context).await?;
        Ok(session)
    }

    /// The session for a call, and its client.
    pub(crate) async fn with_client(
        settings: Settings,
        context: &Context,
    ) -> Result<(Self, ApiClient), Failure> {
        let session = Self::open_for_call(settings, context).await?;
        let client = session.client().await?;
        Ok((session, client))
    }

    /// Opens the session without looking at what is stored.
    pub(crate) async fn prepare(
        mut settings: Settings,
        context: &Context,
        user: Option<String>,
    ) -> Result<Self, Failure> {
        let embedded = embed(&mut settings).await?;
        let place = Place::find(&settings, context, user).await?;
        let total = settings.total.unwrap_or(TOTAL);
        Ok(Self {
            settings,
            vars: context.vars.clone(),
            place,
            total,
            deadline: Instant::now() + total,
            embedded,
            waiting: Waiting::new(context),
        })
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
        let client = self.describe().credentials(credentials);
        Ok(client.store(self.place.store()).build().await?)
    }

    /// A client that looks at no store.
    pub(crate) async fn client_without_store(&self) -> Result<ApiClient, Failure> {
        Ok(self.describe().store(MemoryStore::new()).build().await?)
    }

    fn describe(&self) -> ApiClientBuilder {
        let vars = self.vars.clone();
        ApiClient::builder()
            .settings(self.settings.builder.clone())
            .environment(move |name| vars.raw(name))
            .token_events(self.waiting.progress())
            .call_observer(self.waiting.progress())
            .total_timeout(self.total)
            .attempt_timeout(ATTEMPT.min(self.total))
    }

    /// Waits for token work that has no deadline of its own, at most as long as the command may
    /// take.
    pub(crate) async fn within<T>(
        &self,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Failure> {
        let work = tokio::time::timeout_at(self.deadline, work);
        match self.waiting.during(work).await {
            Ok(result) => Ok(result?),
            Err(_) => Err(Failure::timeout(self.total)),
        }
    }

    /// Waits for work with a deadline of its own.
    pub(crate) async fn during<T>(&self, work: impl Future<Output = T>) -> T {
        self.waiting.during(work).await
    }

    /// Where a batch notes how far it is.
    pub(crate) fn progress(&self) -> Progress {
        self.waiting.progress()
    }

    /// Lets a renewal that runs behind the last call finish, so that the next command finds it.
    /// Who interrupted the call does not wait, and who interrupts the waiting changes nothing of
    /// the call's outcome.
    pub(crate) async fn close_after(&self, outcome: &Result<(), Failure>, client: &ApiClient) {
        let interrupted = |failure: &Failure| failure.kind() == Kind::Interrupted;
        if outcome.as_ref().is_err_and(interrupted) {
            return;
        }
        // A renewal that outlasts the grace is given up; the held token stays stored.
        let closing = tokio::time::timeout(GRACE, client.close());
        let _ = or_interrupted(async { Ok(closing.await) }).await;
    }

    pub(crate) fn base_url(&self) -> &BaseUrl {
        self.settings.config.base_url()
    }

    /// Where the token is kept.
    pub(crate) fn place(&self) -> &Place {
        &self.place
    }
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
