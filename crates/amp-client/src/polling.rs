//! Waiting for something that happens elsewhere: ask, pause, ask again, and end in time.

use std::time::Duration;

use tokio::time::{Instant, sleep_until, timeout_at};

/// A block of Liquid comes every minute, so the first is often there after a few seconds.
const FIRST_PAUSE: Duration = Duration::from_secs(2);

/// Half of the time between two blocks of Liquid.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// As long as amp-rs waits for confirmations.
const TOTAL: Duration = Duration::from_secs(600);

/// Nobody waits longer, and no clock ends before it.
const LONGEST_TOTAL: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// How to wait for something that happens elsewhere: how long the pauses between two questions are,
/// and when to give up. The first pause is 2 s, each is twice as long as the one before and at most
/// 30 s, and 10 minutes are enough (W-A35).
///
/// Time is that of tokio, so a test can pause it.
///
/// ```
/// use std::time::Duration;
///
/// use amp_client::{Error, Polling};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Error> {
/// # struct Node(u32);
/// # impl Node {
/// #     async fn confirmations(&mut self, _txid: &str) -> Result<u32, Error> { self.0 += 1; Ok(self.0) }
/// # }
/// # let mut node = Node(0);
/// let polling = Polling::new().with_first_pause(Duration::from_millis(1));
/// let seen = polling
///     .until(async || {
///         let confirmations = node.confirmations("7a1f").await?;
///         Ok::<_, Error>((confirmations >= 2).then_some(confirmations))
///     })
///     .await?;
/// assert_eq!(seen, 2);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Polling {
    first_pause: Duration,
    longest_pause: Duration,
    total: Duration,
}

impl Default for Polling {
    fn default() -> Self {
        Self {
            first_pause: FIRST_PAUSE,
            longest_pause: LONGEST_PAUSE,
            total: TOTAL,
        }
    }
}

impl Polling {
    /// The usual pauses.
    pub fn new() -> Self {
        Self::default()
    }

    /// The pause after the first question; 2 s by default. Less than a millisecond is a millisecond.
    #[must_use]
    pub fn with_first_pause(mut self, pause: Duration) -> Self {
        self.first_pause = pause;
        self
    }

    /// The longest pause; 30 s by default.
    #[must_use]
    pub fn with_longest_pause(mut self, pause: Duration) -> Self {
        self.longest_pause = pause;
        self
    }

    /// How long to wait altogether; 10 minutes by default, a year at most. No question begins later,
    /// and one that is under way then is dropped.
    #[must_use]
    pub fn with_total(mut self, total: Duration) -> Self {
        self.total = total.min(LONGEST_TOTAL);
        self
    }

    /// Asks until there is an answer: `Ok(None)` means not yet.
    ///
    /// # Errors
    ///
    /// The first error of `ask`; or [`NotYet`] as soon as the next question would come too late.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the question that is under way.
    pub async fn until<T, E: From<NotYet>>(
        &self,
        mut ask: impl AsyncFnMut() -> Result<Option<T>, E>,
    ) -> Result<T, E> {
        let begun = Instant::now();
        let end = begun + self.total;
        for asked in 0_u32.. {
            let Ok(answer) = timeout_at(end, ask()).await else {
                break;
            };
            if let Some(found) = answer? {
                return Ok(found);
            }
            let next = Instant::now() + self.pause(asked);
            if next >= end {
                break;
            }
            sleep_until(next).await;
        }
        let waited = begun.elapsed();
        Err(NotYet { waited }.into())
    }

    /// The pause after the question of this number, from 0.
    fn pause(&self, asked: u32) -> Duration {
        let first = self.first_pause.max(Duration::from_millis(1));
        let factor = 1_u32.checked_shl(asked).unwrap_or(u32::MAX);
        let pause = first.saturating_mul(factor);
        pause.min(self.longest_pause.max(first)).min(LONGEST_TOTAL)
    }
}

/// What was waited for did not happen in time; it still may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it has not happened within {} s; it still may", .waited.as_secs())]
pub struct NotYet {
    waited: Duration,
}

impl NotYet {
    /// How long was waited.
    pub fn waited(&self) -> Duration {
        self.waited
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Seconds from the beginning to each question, and what came of waiting; the answer is there
    /// after so many questions, each of which takes so long.
    async fn questions(
        polling: Polling,
        answered_after: usize,
        each: Duration,
    ) -> (Vec<u64>, bool) {
        let (begun, mut asked) = (Instant::now(), Vec::new());
        let found: Result<(), NotYet> = polling
            .until(async || {
                asked.push(begun.elapsed().as_secs());
                tokio::time::sleep(each).await;
                Ok((asked.len() > answered_after).then_some(()))
            })
            .await;
        (asked, found.is_ok())
    }

    // W-A35: upstream slept for a minute, whatever happened meanwhile.
    #[tokio::test(start_paused = true)]
    async fn the_answer_is_taken_as_soon_as_it_is_there_and_pauses_grow_until_then() {
        let asked = questions(Polling::new(), 0, Duration::ZERO).await;
        assert_eq!(asked, (vec![0], true));
        let asked = questions(Polling::new(), 6, Duration::ZERO).await;
        assert_eq!(asked, (vec![0, 2, 6, 14, 30, 60, 90], true));
    }

    // W-A35
    #[tokio::test(start_paused = true)]
    async fn waiting_ends_when_the_next_question_would_come_too_late() {
        let begun = Instant::now();
        let minute = Polling::new().with_total(Duration::from_secs(61));
        let asked = questions(minute, usize::MAX, Duration::ZERO).await;
        assert_eq!(asked, (vec![0, 2, 6, 14, 30, 60], false));
        assert_eq!(begun.elapsed().as_secs(), 60);
    }

    #[tokio::test(start_paused = true)]
    async fn a_question_that_takes_too_long_is_dropped_at_the_end() {
        let begun = Instant::now();
        let short = Polling::new().with_total(Duration::from_secs(5));
        let asked = questions(short, 9, Duration::from_secs(60)).await;
        assert_eq!(asked, (vec![0], false));
        assert_eq!(begun.elapsed().as_secs(), 5);
    }

    #[tokio::test(start_paused = true)]
    async fn waiting_for_ever_is_waiting_for_a_year() {
        let begun = Instant::now();
        let ever = Polling::new()
            .with_first_pause(Duration::MAX)
            .with_total(Duration::MAX);
        let asked = questions(ever, usize::MAX, Duration::ZERO).await;
        assert_eq!(asked, (vec![0], false));
        assert_eq!(begun.elapsed().as_secs(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn an_error_ends_the_waiting_at_once() {
        let mut asked = 0;
        let not_yet = NotYet {
            waited: Duration::from_secs(7),
        };
        let failed: Result<(), NotYet> = Polling::new()
            .until(async || {
                asked += 1;
                Err(not_yet)
            })
            .await;
        assert_eq!((failed, asked), (Err(not_yet), 1));
    }

    #[test]
    fn pauses_are_never_nothing_and_never_overflow() {
        let polling = Polling::new()
            .with_first_pause(Duration::ZERO)
            .with_longest_pause(Duration::MAX);
        assert_eq!(polling.pause(0), Duration::from_millis(1));
        assert_eq!(polling.pause(3), Duration::from_millis(8));
        assert!(polling.pause(u32::MAX) > Duration::from_secs(3600));
        let endless = polling.with_first_pause(Duration::MAX);
        assert_eq!(endless.pause(7), LONGEST_TOTAL);
        let eager = polling.with_longest_pause(Duration::ZERO);
        assert_eq!(eager.pause(40), Duration::from_millis(1));
    }
}
