//! What scripted providers were asked, in one order.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::sync::Mutex;

/// A list of the calls of one or several scripted providers. A clone is the same list.
#[derive(Clone, Debug)]
pub struct CallLog(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    start: Instant,
    calls: Mutex<Vec<Call>>,
}

/// One call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Call {
    /// The name of the provider that was asked.
    pub provider: &'static str,
    /// What for.
    pub kind: CallKind,
    /// How long after the making of the list, on tokio's clock.
    pub at: Duration,
}

/// What a provider was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "a provider has these two methods")]
pub enum CallKind {
    /// A login.
    Obtain,
    /// A refresh.
    Refresh,
}

impl CallLog {
    /// An empty list that starts now.
    pub fn new() -> Self {
        Self(Arc::new(Inner {
            start: Instant::now(),
            calls: Mutex::default(),
        }))
    }

    /// All calls so far, in their order.
    pub fn calls(&self) -> Vec<Call> {
        self.0.calls.lock().clone()
    }

    /// What for, in the order of the calls.
    pub fn kinds(&self) -> Vec<CallKind> {
        self.calls().into_iter().map(|call| call.kind).collect()
    }

    pub(super) fn note(&self, provider: &'static str, kind: CallKind) {
        let at = self.0.start.elapsed();
        let call = Call { provider, kind, at };
        self.0.calls.lock().push(call);
    }
}

impl Default for CallLog {
    fn default() -> Self {
        Self::new()
    }
}
