//! What a caller waits with.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use token_core::lifecycle::{Epoch, Event, FlightId, Goal, Source};
use token_core::{ErrorClass, TokenError, TokenFailure};

use crate::driver::{Asked, Shared};
use crate::runtime::{self, Sleep};
use crate::snapshot::Snapshot;
use crate::waiters::Place;

/// How often one poll asks for a flight. A runtime that shuts down drops each new flight at once.
const MAX_ASKS: u32 = 4;

/// How many tokens that do not meet the demand one caller waits for: one may be another's, taken
/// over from the store, and the next is made for it.
const MAX_UNFIT: u32 = 3;

/// What a caller waits for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Demand {
    /// A token that stays valid for at least this long.
    Get(Duration),
    /// A renewal.
    Force(Goal),
    /// Another token than the one of this epoch, which the service rejected.
    Another { epoch: Epoch, accepted: bool },
}

impl Demand {
    fn event(self) -> Event {
        match self {
            Self::Get(validity) => Event::Get {
                validity,
                may_start: true,
            },
            Self::Force(goal) => Event::Force(goal),
            Self::Another { epoch, accepted } => Event::Reject { epoch, accepted },
        }
    }
}

/// What a flight was for, and how it ended.
type Landed = (Goal, Result<Arc<Snapshot>, TokenError>);

/// Resolves to a token that is ready to send.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub(crate) struct TokenFuture {
    shared: Arc<Shared>,
    demand: Demand,
    waiting: Option<Waiting>,
    /// How many tokens came that do not meet the demand.
    unfit: u32,
}

#[derive(Debug)]
struct Waiting {
    flight: FlightId,
    goal: Goal,
    place: Arc<Place>,
    ask_again: bool,
    /// Ends the wait for a flight on a runtime that nobody drives any more.
    patience: Pin<Box<Sleep>>,
}

impl TokenFuture {
    pub(crate) fn new(shared: Arc<Shared>, demand: Demand) -> Self {
        Self {
            shared,
            demand,
            waiting: None,
            unfit: 0,
        }
    }

    fn poll_waiting(&mut self, context: &mut Context<'_>) -> Poll<Option<Landed>> {
        let Some(waiting) = &mut self.waiting else {
            return Poll::Ready(None);
        };
        let heard = match waiting.place.poll(context) {
            Poll::Ready(heard) => heard,
            Poll::Pending => {
                std::task::ready!(waiting.patience.as_mut().poll(context));
                self.shared.give_up(waiting.flight);
                None
            }
        };
        let (goal, ask_again) = (waiting.goal, waiting.ask_again);
        self.waiting = None;
        let heard = heard.filter(|_| !ask_again);
        Poll::Ready(heard.map(|heard| (goal, heard)))
    }

    /// Whether this token, with which a flight for `goal` ended, is what was asked for.
    fn meets_the_demand(&self, snapshot: &Snapshot, goal: Goal) -> bool {
        match self.demand {
            Demand::Get(validity) => snapshot.serves(&self.shared.now(), validity),
            // whoever asks for a login gets none that somebody else made.
            Demand::Force(Goal::Login) => snapshot.source() != Some(Source::Adopted),
            // one that was taken over may have been in the store long before; only a flight
            // for a renewal knows that it was not.
            Demand::Force(Goal::Refresh) => {
                goal == Goal::Refresh || snapshot.source() != Some(Source::Adopted)
            }
            Demand::Force(Goal::Renew) | Demand::Another { .. } => true,
        }
    }

    fn wait(&mut self, flight: FlightId, goal: Goal, place: Arc<Place>, ask_again: bool) {
        let patience = Box::pin(runtime::sleep(self.shared.longest_flight()));
        self.waiting = Some(Waiting {
            flight,
            goal,
            place,
            ask_again,
            patience,
        });
    }
}

impl Future for TokenFuture {
    type Output = Result<Arc<Snapshot>, TokenError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        for _ in 0..MAX_ASKS {
            match std::task::ready!(self.poll_waiting(context)) {
                Some((goal, Ok(snapshot))) if self.meets_the_demand(&snapshot, goal) => {
                    return Poll::Ready(Ok(snapshot));
                }
                Some((_, Err(error))) => return Poll::Ready(Err(error)),
                Some((_, Ok(_))) => self.unfit += 1,
                None => {}
            }
            if self.unfit >= MAX_UNFIT {
                return Poll::Ready(Err(unfit()));
            }
            if !runtime::is_here() {
                return Poll::Ready(Err(no_runtime()));
            }
            match self.shared.ask(self.demand.event()) {
                Asked::Ready(result) => return Poll::Ready(result),
                Asked::Wait {
                    flight,
                    goal,
                    place,
                    ask_again,
                } => self.wait(flight, goal, place, ask_again),
                Asked::Nothing => return Poll::Ready(Err(TokenError::Closed)),
            }
        }
        Poll::Ready(Err(no_flight()))
    }
}

fn no_runtime() -> TokenError {
    let reason = "a token was asked for outside a tokio runtime";
    TokenError::Configuration(TokenFailure::new(ErrorClass::Terminal, reason))
}

fn no_flight() -> TokenError {
    let reason = "no flight can start; the tokio runtime is shutting down";
    TokenError::ObtainFailed(TokenFailure::new(ErrorClass::Transient, reason))
}

fn unfit() -> TokenError {
    let reason = "the tokens that come live shorter than the request needs, or are not new";
    TokenError::Validation(TokenFailure::new(ErrorClass::Transient, reason))
}
