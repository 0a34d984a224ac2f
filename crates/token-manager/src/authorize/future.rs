//! One authorized request: token, send, and after a rejection one renewal and one replay.

use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::{Request, Response, header};
use pin_project_lite::pin_project;
use token_core::lifecycle::{Epoch, JustMinted};
use token_core::{CallContext, Ledger, TokenError};
use tower_service::Service;

use super::rejection::rejects_token;
use crate::TokenManager;
use crate::snapshot::{Snapshot, Stamp};
use crate::token_future::{Demand, TokenFuture};

pin_project! {
    /// The answer of an [`Authorize`](super::Authorize).
    ///
    /// Dropping it drops the request under way; a renewal goes on by itself.
    pub struct ResponseFuture<S: Service<Request<Bytes>>> {
        #[pin]
        kind: Kind<S::Future, S>,
    }
}

pin_project! {
    #[project = KindProjection]
    enum Kind<F, S> {
        Untouched { #[pin] response: F },
        Authorized { call: Authorized<S>, #[pin] state: State<F> },
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<F> {
        Start { request: Option<Request<Bytes>> },
        Token { token: TokenFuture },
        Sent { #[pin] response: F, epoch: Epoch, was_accepted: bool },
        Renew { token: TokenFuture, rejected: Epoch, rejection: Option<Response<Bytes>> },
        Readying { snapshot: Arc<Snapshot> },
    }
}

struct Authorized<S> {
    /// Was polled ready by the caller, for a send without waiting.
    service: S,
    tokens: TokenManager,
    /// What to send next, from the first wait or send on; its context is here, and in its extensions where
    /// it is not alone there. Boxed, because the future is moved from layer to layer.
    kept: Option<Box<Request<Bytes>>>,
    context: Option<CallContext>,
    replayed: bool,
    /// Whether the call's book has a send that was not made yet, because it waits for a token.
    owed: bool,
}

impl<S: Service<Request<Bytes>>> ResponseFuture<S> {
    pub(super) fn untouched(response: S::Future) -> Self {
        Self {
            kind: Kind::Untouched { response },
        }
    }

    pub(super) fn authorized(
        service: S,
        tokens: TokenManager,
        request: Request<Bytes>,
        context: Option<CallContext>,
    ) -> Self {
        let call = Authorized {
            service,
            tokens,
            context,
            kept: None,
            replayed: false,
            owed: true,
        };
        Self {
            kind: Kind::Authorized {
                call,
                state: State::Start {
                    request: Some(request),
                },
            },
        }
    }
}

impl<S> Authorized<S>
where
    S: Service<Request<Bytes>, Response = Response<Bytes>> + Clone,
{
    fn validity(&self) -> std::time::Duration {
        self.context
            .as_ref()
            .map(CallContext::validity)
            .unwrap_or_default()
    }

    fn is_served_by(&self, snapshot: &Snapshot) -> bool {
        self.tokens.serves(snapshot, self.validity())
    }

    /// The readied service goes: what it may hold should be nobody's during a login.
    fn wait_for_token(&mut self) -> State<S::Future> {
        self.service = self.service.clone();
        let token = self.tokens.demand(Demand::Get(self.validity()));
        State::Token { token }
    }

    /// Sends the request; a copy stays for a replay.
    fn send(&mut self, mut request: Request<Bytes>, stamp: Stamp) -> State<S::Future> {
        self.kept = Some(Box::new(self.copy(&request)));
        self.owed = false;
        let headers = request.headers_mut();
        headers.insert(header::AUTHORIZATION, stamp.header);
        State::Sent {
            response: self.service.call(request),
            epoch: stamp.epoch,
            was_accepted: stamp.was_accepted,
        }
    }

    /// A context that is alone in the extensions is not copied with them, because that costs three
    /// allocations.
    fn copy(&self, request: &Request<Bytes>) -> Request<Bytes> {
        match (&self.context, request.extensions().len()) {
            (Some(_), 0 | 1) => without_extensions(request),
            _ => request.clone(),
        }
    }

    fn send_kept(&mut self, stamp: Stamp) -> State<S::Future> {
        let mut request = *self
            .kept
            .take()
            .expect("it is kept from the first wait or send on");
        if let Some(context) = &self.context
            && request.extensions().is_empty()
        {
            request.extensions_mut().insert(context.clone());
        }
        self.send(request, stamp)
    }

    /// What another token would be asked with, if this answer is a reason to ask for one.
    fn after(
        &mut self,
        answer: &Response<Bytes>,
        epoch: Epoch,
        was_accepted: bool,
    ) -> Option<Demand> {
        // A failure may come from a gateway that never looked at the token.
        if answer.status().is_success() && !was_accepted {
            self.tokens.mark_accepted(epoch);
        }
        if !rejects_token(answer) || self.was_replayed() {
            return None;
        }
        self.replayed = true;
        let accepted = self.tokens.was_accepted(epoch);
        Some(Demand::Another { epoch, accepted })
    }

    /// A call has one replay, however often it is tried.
    fn was_replayed(&self) -> bool {
        self.replayed
            || self
                .context
                .as_ref()
                .is_some_and(|call| call.ledger().replays() > 0)
    }
}

impl<S> Authorized<S> {
    fn note_replay(&mut self) {
        self.owed = true;
        if let Some(context) = &self.context {
            context.note(Ledger::note_replay);
        }
    }

    /// Nothing will be sent: a send that the call's book has already is taken back.
    fn give_up(&mut self) {
        if mem::take(&mut self.owed)
            && let Some(context) = &self.context
        {
            context.note(Ledger::note_held_back);
        }
    }
}

/// The caller left, or his deadline came, perhaps while he waited for a token.
impl<S> Drop for Authorized<S> {
    fn drop(&mut self) {
        self.give_up();
    }
}

fn without_extensions(request: &Request<Bytes>) -> Request<Bytes> {
    let mut copy = Request::new(request.body().clone());
    *copy.method_mut() = request.method().clone();
    *copy.uri_mut() = request.uri().clone();
    *copy.version_mut() = request.version();
    // Even the clone of an empty map costs something.
    if !request.headers().is_empty() {
        copy.headers_mut().clone_from(request.headers());
    }
    copy
}

impl<S> Future for ResponseFuture<S>
where
    S: Service<Request<Bytes>, Response = Response<Bytes>> + Clone,
    S::Error: From<TokenError>,
{
    type Output = Result<Response<Bytes>, S::Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let (call, mut state) = match self.project().kind.project() {
            KindProjection::Untouched { response } => return response.poll(context),
            KindProjection::Authorized { call, state } => (call, state),
        };
        loop {
            let next = match state.as_mut().project() {
                StateProjection::Start { request } => {
                    let request = request.take().expect("nothing takes it and stays here");
                    match call.tokens.try_stamp(call.validity()) {
                        Some(stamp) => call.send(request, stamp),
                        None => {
                            call.kept = Some(Box::new(request));
                            call.wait_for_token()
                        }
                    }
                }
                StateProjection::Token { token } => match ready!(Pin::new(token).poll(context)) {
                    Ok(snapshot) => State::Readying { snapshot },
                    Err(error) => {
                        call.give_up();
                        return Poll::Ready(Err(error.into()));
                    }
                },
                StateProjection::Sent {
                    response,
                    epoch,
                    was_accepted,
                } => {
                    let answer = ready!(response.poll(context))?;
                    let Some(demand) = call.after(&answer, *epoch, *was_accepted) else {
                        return Poll::Ready(Ok(answer));
                    };
                    State::Renew {
                        token: call.tokens.demand(demand),
                        rejected: *epoch,
                        rejection: Some(answer),
                    }
                }
                StateProjection::Renew {
                    token,
                    rejected,
                    rejection,
                } => match (ready!(Pin::new(token).poll(context)), rejection.take()) {
                    // It is another one, and may still be shorter than the request needs.
                    (Ok(snapshot), answer) if !call.is_served_by(&snapshot) => State::Renew {
                        token: call.tokens.demand(Demand::Get(call.validity())),
                        rejected: *rejected,
                        rejection: answer,
                    },
                    (Ok(snapshot), _) => {
                        call.note_replay();
                        call.tokens.tell_replayed(*rejected, snapshot.epoch());
                        State::Readying { snapshot }
                    }
                    (Err(error), Some(answer)) if JustMinted::is_cause_of(&error) => {
                        return Poll::Ready(Ok(answer));
                    }
                    (Err(error), _) => return Poll::Ready(Err(error.into())),
                },
                StateProjection::Readying { snapshot } => {
                    let readied = ready!(call.service.poll_ready(context));
                    // A service that fails at being ready counts as a send, or there would be no end.
                    call.owed = false;
                    readied?;
                    call.send_kept(snapshot.stamp())
                }
            };
            state.set(next);
        }
    }
}
