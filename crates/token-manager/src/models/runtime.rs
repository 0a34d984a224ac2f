//! The pieces of `runtime.rs` as a model check sees them: a task is a thread of the model, and
//! time stands still, so that no timer ever ends a wait that something else should have ended.

use std::cell::RefCell;
use std::future::{Future, Pending, pending};
use std::time::Duration;

use shuttle::future::AbortHandle;

pub(crate) type Sleep = Pending<()>;

pub(crate) struct Elapsed;

std::thread_local! {
    /// The tasks of this execution.
    static TASKS: RefCell<Vec<AbortHandle>> = const { RefCell::new(Vec::new()) };
}

pub(crate) fn is_here() -> bool {
    true
}

pub(crate) fn spawn(task: impl Future<Output = ()> + Send + 'static) {
    let handle = shuttle::future::spawn(task).abort_handle();
    TASKS.with_borrow_mut(|tasks| tasks.push(handle));
}

pub(crate) fn sleep(_: Duration) -> Sleep {
    pending()
}

pub(crate) async fn timeout<T>(_: Duration, answer: impl Future<Output = T>) -> Result<T, Elapsed> {
    Ok(answer.await)
}

/// Forgets the tasks of the execution before.
pub(crate) fn reset() {
    TASKS.take();
}

/// Ends all tasks that were started so far, as the end of their runtime does.
pub(crate) fn shut_down() {
    for task in TASKS.take() {
        task.abort();
    }
}
