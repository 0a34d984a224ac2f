//! How long one try may take, as a layer.

use std::sync::Arc;
use std::time::Duration;

use tower_layer::Layer;

use super::AttemptTimeout;
use crate::CallObserver;
use crate::observer::Observer;

/// Ends each try after this long, or at the call's deadline if that comes first: connecting, the
/// head and the body together.
///
/// It goes innermost, right above the transport. On expiry it calls `CallContext::abort_attempt`,
/// so that the transport does not use the connection again, and returns a `Stopped` with
/// `StopReason::AttemptTimeout`, which counts as maybe sent: operations that may be repeated are,
/// others are not. When it was the call's deadline that came first, the reason is
/// `StopReason::Deadline` and nothing is repeated. A try that is dropped before it ended, by its own
/// time-out, the deadline further out or the caller, is noted in the call's ledger as one that may
/// have taken effect.
#[derive(Clone, Debug)]
pub struct AttemptTimeoutLayer {
    limit: Duration,
    observer: Observer,
}

impl AttemptTimeoutLayer {
    /// Tries may take `limit`.
    pub fn new(limit: Duration) -> Self {
        Self {
            limit,
            observer: Observer::default(),
        }
    }

    /// Tells this observer how each try ended; the default is nobody.
    #[must_use]
    pub fn with_observer(mut self, observer: Arc<dyn CallObserver>) -> Self {
        self.observer = Observer::of(observer);
        self
    }
}

impl<S> Layer<S> for AttemptTimeoutLayer {
    type Service = AttemptTimeout<S>;

    fn layer(&self, inner: S) -> Self::Service {
        AttemptTimeout::new(inner, self.limit, self.observer.clone())
    }
}
