//! How long a whole call may take, as a layer.

use std::sync::Arc;
use std::time::Duration;

use token_core::Idempotency;
use tower_layer::Layer;

use super::Deadline;
use crate::CallObserver;
use crate::observer::Observer;

/// Ends each call this long after it began, with everything in it: waits, repetitions, a renewed
/// token, the body.
///
/// It goes outermost. The inner layers read the deadline from the request's `CallContext` and do
/// not begin what cannot fit. A context that has a deadline keeps it.
#[derive(Clone, Debug)]
pub struct DeadlineLayer {
    total: Duration,
    assumed_class: Idempotency,
    observer: Observer,
}

impl DeadlineLayer {
    /// Calls may take `total`.
    pub fn new(total: Duration) -> Self {
        Self {
            total,
            assumed_class: Idempotency::OnlyIfUnprocessed,
            observer: Observer::default(),
        }
    }

    /// The class of requests that carry no `CallContext` yet; the default is
    /// [`Idempotency::OnlyIfUnprocessed`]. This layer gives them one, so a class that is set at an
    /// inner layer does not count for them.
    #[must_use]
    pub fn with_assumed_class(mut self, assumed_class: Idempotency) -> Self {
        self.assumed_class = assumed_class;
        self
    }

    /// Tells this observer how each call ended; the default is nobody.
    #[must_use]
    pub fn with_observer(mut self, observer: Arc<dyn CallObserver>) -> Self {
        self.observer = Observer::of(observer);
        self
    }
}

impl<S> Layer<S> for DeadlineLayer {
    type Service = Deadline<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Deadline::new(inner, self.total, self.assumed_class, self.observer.clone())
    }
}
