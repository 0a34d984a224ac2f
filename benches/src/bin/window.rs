//! Callers that ask all the time while a usable token is renewed: the slowest answer, and how
//! often `get_token` did not answer at once.

use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use benches::{Measurement, SlowProvider};
use futures_util::future::join_all;
use token_manager::TokenManager;
use tokio::sync::Mutex;

const CALLERS: usize = 64;
/// How long the renewal takes.
const LATENCY: Duration = Duration::from_millis(500);
/// The life of a token: it is in its refresh window after half of it, and usable for longer than
/// a renewal takes from then on.
const LIFETIME: Duration = Duration::from_secs(2);
/// Each in turn, so often; the slowest answer is the median of the rounds, because the scheduler
/// of a busy machine adds to it, and the pending polls are those of all rounds.
const ROUNDS: usize = 5;

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<()> {
    let (mut ours, mut mutex) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ours.push(manager().await?);
        mutex.push(tokio_mutex().await);
    }
    print("ours", ours);
    print("tokio_mutex_string", mutex);
    Ok(())
}

/// What the callers saw during one renewal.
#[derive(Clone, Copy, Default)]
struct Seen {
    slowest: Duration,
    pending: u64,
}

impl Seen {
    fn and(self, other: Self) -> Self {
        Self {
            slowest: self.slowest.max(other.slowest),
            pending: self.pending + other.pending,
        }
    }

    /// Waits for one answer.
    async fn call(&mut self, answer: impl Future) {
        let start = Instant::now();
        let mut answer = pin!(answer);
        std::future::poll_fn(|context| match answer.as_mut().poll(context) {
            Poll::Ready(_) => Poll::Ready(()),
            Poll::Pending => {
                self.pending += 1;
                Poll::Pending
            }
        })
        .await;
        self.slowest = self.slowest.max(start.elapsed());
    }
}

fn print(subject: &str, mut rounds: Vec<Seen>) {
    rounds.sort_unstable_by_key(|seen| seen.slowest);
    let median = rounds[rounds.len() / 2].slowest.as_secs_f64() * 1e6;
    let pending: u64 = rounds.iter().map(|seen| seen.pending).sum();
    let print = |value, unit| Measurement::new("window", subject, value, unit).print();
    print(median, "slowest_call_us");
    print(pending as f64, "pending_polls");
}

/// A manager whose token has just come into its refresh window.
async fn manager() -> Result<Seen> {
    let provider = SlowProvider::new(LATENCY, LIFETIME);
    let manager = TokenManager::builder(provider.clone()).build();
    manager.get_token().await?;
    // The life began when the token was asked for.
    tokio::time::sleep(LIFETIME / 2 - LATENCY).await;
    let call = || {
        let (manager, provider) = (manager.clone(), provider.clone());
        async move {
            let mut seen = Seen::default();
            while !is_renewed(&manager, &provider) {
                seen.call(manager.get_token()).await;
                tokio::task::yield_now().await;
            }
            seen
        }
    };
    let seen = all(call).await;
    ensure!(provider.requests() == 2, "one login and one renewal");
    Ok(seen)
}

/// The second token is the published one.
fn is_renewed(manager: &TokenManager, provider: &SlowProvider) -> bool {
    let epoch = manager
        .borrow_current()
        .map(|current| current.epoch().number());
    provider.requests() == 2 && epoch == Some(2)
}

/// What the seeds describe: whoever finds the token in its window renews it under the lock.
async fn tokio_mutex() -> Seen {
    let provider = SlowProvider::new(LATENCY, LIFETIME);
    let slot = Arc::new(Mutex::new((String::new(), true)));
    let call = || {
        let (slot, provider) = (Arc::clone(&slot), provider.clone());
        async move {
            let mut seen = Seen::default();
            while provider.requests() == 0 || seen.pending == 0 {
                let get = async {
                    let mut slot = slot.lock().await;
                    let (text, is_stale) = &mut *slot;
                    if *is_stale {
                        *text = provider.next_text().await;
                        *is_stale = false;
                    }
                    text.clone()
                };
                seen.call(get).await;
                tokio::task::yield_now().await;
            }
            seen
        }
    };
    all(call).await
}

async fn all<F>(call: impl Fn() -> F) -> Seen
where
    F: Future<Output = Seen> + Send + 'static,
{
    let callers: Vec<_> = (0..CALLERS).map(|_| tokio::spawn(call())).collect();
    let seen = join_all(callers).await.into_iter();
    seen.map(|seen| seen.expect("no caller panics"))
        .fold(Seen::default(), Seen::and)
}
