//! What a command asks of the service, complete before anything is opened or sent.

use std::future::Future;
use std::pin::Pin;

use amp_api::{Answer, Call, InvalidRequest, Request};
use amp_client::ApiClient;

use crate::error::Failure;
use crate::interrupt::or_interrupted;
use crate::output::Output;
use crate::show::Shown;
use crate::waiting::Progress;

/// Prints what came of a wish.
pub(crate) type Reveal = Box<dyn FnOnce(&Output) -> Result<(), Failure>>;

type Work = Box<dyn FnOnce(ApiClient, Progress) -> Sent>;
type Sent = Pin<Box<dyn Future<Output = Result<Reveal, Failure>>>>;

/// A request that can be meant, how it is sent, and how its answer is shown.
pub(crate) struct Wish {
    requests: Vec<Request>,
    work: Work,
    risk: Option<String>,
    advice: Option<&'static str>,
}

impl Wish {
    /// A wish with work of its own; `requests` are what it sends.
    pub(crate) fn new<F>(
        requests: Vec<Request>,
        work: impl FnOnce(ApiClient, Progress) -> F + 'static,
    ) -> Self
    where
        F: Future<Output = Result<Reveal, Failure>> + 'static,
    {
        Self {
            requests,
            work: Box::new(|client, progress| Box::pin(work(client, progress))),
            risk: None,
            advice: None,
        }
    }

    /// A call whose answer is shown like this.
    pub(crate) fn shown<T: Answer + 'static>(
        call: Result<Call<T>, InvalidRequest>,
        show: impl FnOnce(&T, &Output) -> Result<(), Failure> + 'static,
    ) -> Result<Self, Failure> {
        let call = call?;
        let requests = vec![call.request().clone()];
        Ok(Self::new(requests, |client, _| async move {
            let answer = client.send(&call).await?;
            Ok(Box::new(move |output: &Output| show(&answer, output)) as Reveal)
        }))
    }

    /// A call that answers with a list.
    pub(crate) fn list<T: Shown>(
        call: Result<Call<Vec<T>>, InvalidRequest>,
    ) -> Result<Self, Failure>
    where
        Vec<T>: Answer,
    {
        Self::shown(call, |things, output| output.list(things))
    }

    /// A call that answers with one thing.
    pub(crate) fn thing<T: Shown + Answer>(
        call: Result<Call<T>, InvalidRequest>,
    ) -> Result<Self, Failure> {
        Self::shown(call, |thing, output| output.thing(thing))
    }

    /// A call that answers with texts: a line for each.
    pub(crate) fn lines(call: Result<Call<Vec<String>>, InvalidRequest>) -> Result<Self, Failure> {
        Self::shown(call, |texts, output| output.lines(texts))
    }

    /// A call without a result: people are told that it is done, JSON is `null`.
    pub(crate) fn done<T: Answer + 'static>(
        call: Result<Call<T>, InvalidRequest>,
        done: impl Into<String>,
    ) -> Result<Self, Failure> {
        let done = done.into();
        Self::shown(call, |_, output| output.done(done))
    }

    /// Asks before it is sent, because of what it does: "Issue 5 units of Gold. This spends money."
    #[must_use]
    pub(crate) fn asking(mut self, risk: impl Into<String>) -> Self {
        self.risk = Some(risk.into());
        self
    }

    /// What to do when nobody knows whether it took effect.
    #[must_use]
    pub(crate) fn in_doubt(mut self, advice: &'static str) -> Self {
        self.advice = Some(advice);
        self
    }

    /// Everything that it sends.
    pub(crate) fn requests(&self) -> &[Request] {
        &self.requests
    }

    /// What it does that has to be agreed to.
    pub(crate) fn risk(&self) -> Option<&str> {
        self.risk.as_deref()
    }

    /// Sends it. Ctrl-C ends it like a failure, so that what to do next is said then, too.
    pub(crate) async fn send(
        self,
        client: ApiClient,
        progress: Progress,
    ) -> Result<Reveal, Failure> {
        let sent = or_interrupted((self.work)(client, progress)).await;
        sent.map_err(|failure| match self.advice {
            Some(advice) if failure.is_in_doubt() => failure.with_hint(advice),
            _ => failure,
        })
    }
}
