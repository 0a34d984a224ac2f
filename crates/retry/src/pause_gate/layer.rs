//! The gates of a client, as a layer.

use std::sync::Arc;
use std::time::Duration;

use token_core::Clock;
use tower_layer::Layer;

use super::{PauseGate, PauseGated};
use crate::CircuitBreaker;
use crate::recheck::RecheckLayer;
use crate::wall::Wall;

/// Lets nobody send to an origin that asked for a pause, and one request first when it is over.
///
/// It goes below retry: a caller who waits here holds no connection and no permit. An answer of 429,
/// or of 503 with a `Retry-After`, closes the gate of its origin until the moment it names; others
/// who arrive wait if that fits their deadline and the longest wait, else they get a `Stopped` with
/// `StopReason::RateLimited` and the moment to come back, at once. After the pause one request goes
/// through. Its success opens the gate, its failure closes it again, and if it is dropped the next
/// one takes its turn.
#[derive(Clone, Debug)]
pub struct PauseGateLayer {
    gate: PauseGate,
    patience: Patience,
}

#[derive(Clone, Debug)]
pub(crate) struct Patience {
    pub(crate) longest_wait: Duration,
    pub(crate) default_pause: Duration,
    pub(crate) wall: Wall,
}

impl PauseGateLayer {
    /// Guards with these gates; stacks that share them slow down together.
    pub fn new(gate: PauseGate) -> Self {
        Self {
            gate,
            patience: Patience {
                longest_wait: Duration::from_secs(60),
                default_pause: Duration::from_secs(1),
                wall: Wall::default(),
            },
        }
    }

    /// The longest pause that a caller waits for; the default is 60 s.
    #[must_use]
    pub const fn with_longest_wait(mut self, longest_wait: Duration) -> Self {
        self.patience.longest_wait = longest_wait;
        self
    }

    /// The pause after a 429 that names none or zero, and after a probe that failed; the default
    /// is 1 s.
    #[must_use]
    pub const fn with_default_pause(mut self, default_pause: Duration) -> Self {
        self.patience.default_pause = default_pause;
        self
    }

    /// Judges HTTP dates by this clock instead of the system's.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.patience.wall = Wall::of(clock);
        self
    }

    /// The second look, for requests that waited somewhere below the gate and this breaker.
    pub(crate) fn recheck(&self, breaker: Option<CircuitBreaker>) -> RecheckLayer {
        RecheckLayer::new(self.gate.clone(), breaker, self.patience.wall.clone())
    }
}

impl<S> Layer<S> for PauseGateLayer {
    type Service = PauseGated<S>;

    fn layer(&self, inner: S) -> Self::Service {
        PauseGated::new(inner, self.gate.clone(), Arc::new(self.patience.clone()))
    }
}
