//! What is sent again and how often, as a layer.

use std::sync::Arc;

use token_core::Clock;
use tower_layer::Layer;

use super::{Retry, Rules};
use crate::{CallObserver, RetryPolicy};

/// Sends a request once more when [`decide`](crate::decide) says so.
///
/// It goes below the deadline and above everything that a repetition has to pass again: pause gate,
/// authorization, limits. While it waits it holds nothing: no connection, no permit, no readied
/// service. It counts tries in the `CallContext`'s ledger, so two retry layers in one stack do not
/// multiply; a context therefore belongs to one call.
///
/// A body is [`Bytes`](bytes::Bytes), of which a copy is a reference count. One that is read as it is
/// sent could not be sent twice, so there is no layer for it (pitfall 21):
///
/// ```compile_fail,E0277
/// use http::{Request, Response};
/// use retry::{RetryLayer, RetryPolicy};
/// use tower::{BoxError, Layer, ServiceExt, service_fn};
///
/// struct Stream;
///
/// let transport = service_fn(|_: Request<Stream>| async {
///     Ok::<_, BoxError>(Response::new(bytes::Bytes::new()))
/// });
/// let service = RetryLayer::new(RetryPolicy::default()).layer(transport);
/// drop(service.oneshot(Request::new(bytes::Bytes::new())));
/// ```
#[derive(Clone, Debug)]
pub struct RetryLayer {
    rules: Arc<Rules>,
}

impl RetryLayer {
    /// Repeats by this policy, with the system's clock and random draws of its own.
    pub fn new(policy: RetryPolicy) -> Self {
        Self {
            rules: Arc::new(Rules::new(policy)),
        }
    }

    /// Judges HTTP dates by this clock instead of the system's.
    #[must_use]
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        let rules = Arc::unwrap_or_clone(self.rules).with_clock(clock);
        Self {
            rules: Arc::new(rules),
        }
    }

    /// Tells this observer of each wait between two tries; the default is nobody.
    #[must_use]
    pub fn with_observer(self, observer: Arc<dyn CallObserver>) -> Self {
        let rules = Arc::unwrap_or_clone(self.rules).with_observer(observer);
        Self {
            rules: Arc::new(rules),
        }
    }

    /// Makes the draws of the pauses repeatable.
    #[must_use]
    pub fn with_seed(self, seed: u64) -> Self {
        let rules = Arc::unwrap_or_clone(self.rules).with_seed(seed);
        Self {
            rules: Arc::new(rules),
        }
    }
}

impl<S> Layer<S> for RetryLayer {
    type Service = Retry<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Retry::new(inner, Arc::clone(&self.rules))
    }
}
