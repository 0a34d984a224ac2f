//! What the manager needs of its runtime: tasks and timers.
//!
//! A model check has neither tokio nor time; `models/runtime.rs` is then in the place of this.

use std::future::Future;

pub(crate) use tokio::time::{Sleep, sleep, timeout};

/// Whether whoever calls is inside a runtime. Outside there is no timer and no task.
pub(crate) fn is_here() -> bool {
    tokio::runtime::Handle::try_current().is_ok()
}

/// Leaves this task to the runtime of whoever calls.
pub(crate) fn spawn(task: impl Future<Output = ()> + Send + 'static) {
    drop(tokio::spawn(task));
}
