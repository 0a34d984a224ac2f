//! The breaker of a service, as a layer.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use token_core::{Classify, Clock};
use tower_layer::Layer;

use super::{CircuitBreaker, CircuitGuarded, Health};
use crate::wall::Wall;

/// Sends nothing to a service that keeps failing.
///
/// It goes below retry, so that each try counts and an open circuit ends the call at once, and above
/// the time-out of a try, so that a service which does not answer counts as one that fails. A
/// refused request ends with a `Stopped` of `StopReason::CircuitOpen`, which says when to come back
/// unless a probe is being decided. It guards the network and nothing else: what needs no request
/// does not pass here.
#[derive(Clone, Debug)]
pub struct CircuitBreakerLayer {
    breaker: CircuitBreaker,
    judge: Judge,
}

type OfAnswer = dyn Fn(&Response<Bytes>) -> Health + Send + Sync;

/// What tries say about the service, and when to come back.
#[derive(Clone)]
pub(crate) struct Judge {
    of_answer: Arc<OfAnswer>,
    pub(crate) wall: Wall,
}

impl CircuitBreakerLayer {
    /// Guards with this breaker; stacks that share it share its verdict. An answer is judged by
    /// [`Health::of_status`].
    pub fn new(breaker: CircuitBreaker) -> Self {
        Self {
            breaker,
            judge: Judge {
                of_answer: Arc::new(|answer| Health::of_status(answer.status())),
                wall: Wall::default(),
            },
        }
    }

    /// Judges answers by this instead, as where a success without its token is a failure.
    #[must_use]
    pub fn with_health(
        mut self,
        of_answer: impl Fn(&Response<Bytes>) -> Health + Send + Sync + 'static,
    ) -> Self {
        self.judge.of_answer = Arc::new(of_answer);
        self
    }

    /// Tells when to come back by this clock instead of the system's.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.judge.wall = Wall::of(clock);
        self
    }
}

impl CircuitBreakerLayer {
    pub(crate) fn breaker(&self) -> CircuitBreaker {
        self.breaker.clone()
    }
}

impl<S> Layer<S> for CircuitBreakerLayer {
    type Service = CircuitGuarded<S>;

    fn layer(&self, inner: S) -> Self::Service {
        CircuitGuarded::new(inner, self.breaker.clone(), Arc::new(self.judge.clone()))
    }
}

impl Judge {
    pub(crate) fn health<E: Classify>(&self, result: &Result<Response<Bytes>, E>) -> Health {
        match result {
            Ok(answer) => (self.of_answer)(answer),
            Err(error) => Health::of_outcome(&error.outcome()),
        }
    }
}

impl fmt::Debug for Judge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Judge").finish_non_exhaustive()
    }
}
