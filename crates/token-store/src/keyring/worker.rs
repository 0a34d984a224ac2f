//! The one thread that talks to the keyring, so that a keyring which hangs costs one thread.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use super::vault::Vault;
use crate::{StoreError, StoreErrorKind};

/// Questions go in here; the thread ends when this drops and the last question is answered.
pub(crate) struct Worker {
    questions: mpsc::Sender<Question>,
    patience: Patience,
}

/// How long an answer is waited for.
#[derive(Clone, Debug)]
pub(crate) enum Patience {
    For(Duration),
    /// Until a test says so, whatever the time.
    #[cfg(test)]
    UntilTold(Arc<AtomicBool>),
}

impl Patience {
    fn wait<T>(&self, answered: &mpsc::Receiver<T>) -> Result<T, RecvTimeoutError> {
        match self {
            Self::For(patience) => answered.recv_timeout(*patience),
            #[cfg(test)]
            Self::UntilTold(told) => loop {
                match answered.try_recv() {
                    Ok(answer) => return Ok(answer),
                    Err(mpsc::TryRecvError::Disconnected) => {
                        return Err(RecvTimeoutError::Disconnected);
                    }
                    Err(mpsc::TryRecvError::Empty) if told.load(Ordering::Relaxed) => {
                        return Err(RecvTimeoutError::Timeout);
                    }
                    Err(mpsc::TryRecvError::Empty) => thread::yield_now(),
                }
            },
        }
    }
}

impl fmt::Display for Patience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::For(patience) => write!(f, "{} s", patience.as_secs_f64()),
            #[cfg(test)]
            Self::UntilTold(_) => f.write_str("its time"),
        }
    }
}

type Question = Box<dyn FnOnce(&Result<Box<dyn Vault>, StoreError>) + Send>;

impl Worker {
    /// Starts the thread, which calls `open` first. Every question that follows a failure of that
    /// is answered with it.
    pub(crate) fn start(
        open: impl FnOnce() -> Result<Box<dyn Vault>, StoreError> + Send + 'static,
        patience: Patience,
    ) -> Result<Self, StoreError> {
        let (questions, asked) = mpsc::channel::<Question>();
        let work = move || {
            let vault = open();
            while let Ok(question) = asked.recv() {
                question(&vault);
            }
        };
        thread::Builder::new()
            .name("keyring".to_owned())
            .spawn(work)
            .map_err(|_| StoreError::new(StoreErrorKind::Io, "no thread for the keyring"))?;
        Ok(Self {
            questions,
            patience,
        })
    }

    /// Asks, and blocks until the answer or the end of patience. A question that was not begun by
    /// then is dropped; one that was runs on, with all that it holds, and its answer is dropped.
    pub(crate) fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&dyn Vault) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, answered) = mpsc::sync_channel(1);
        let given_up = Arc::new(AtomicBool::new(false));
        let is_given_up = Arc::clone(&given_up);
        let question: Question = Box::new(move |vault| {
            if is_given_up.load(Ordering::Relaxed) {
                return;
            }
            let vault = vault.as_ref().map_err(StoreError::clone);
            // Whoever asked may have given up.
            let _ = answer.send(vault.and_then(|vault| question(&**vault)));
        });
        self.questions.send(question).map_err(|_| broken())?;
        match self.patience.wait(&answered) {
            Ok(answer) => answer,
            Err(RecvTimeoutError::Timeout) => {
                given_up.store(true, Ordering::Relaxed);
                let reason = format!("the keyring did not answer within {}", self.patience);
                Err(StoreError::new(StoreErrorKind::KeyringTimeout, reason))
            }
            Err(RecvTimeoutError::Disconnected) => Err(broken()),
        }
    }
}

fn broken() -> StoreError {
    StoreError::new(StoreErrorKind::Io, "the keyring's library failed")
}

impl fmt::Debug for Worker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker")
            .field("patience", &self.patience)
            .finish_non_exhaustive()
    }
}
