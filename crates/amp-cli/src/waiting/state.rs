//! What a command waits for, as a value, and how that is told.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use amp_client::RetryWait;
use token_core::Outcome;
use tokio::time::Instant;

/// The blocks of a whole progress bar.
const BAR: usize = 20;

/// What is known about the wait.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    pub(super) renewal: Option<Renewal>,
    pub(super) pause: Option<Pause>,
    pub(super) batch: Option<Batch>,
}

/// Why a token is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Renewal {
    First,
    Another,
}

/// A wait between two tries.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pause {
    outcome: Outcome,
    until: Instant,
    next_try: u32,
    tries: u32,
}

/// How far a batch is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Batch {
    what: &'static str,
    done: usize,
    all: usize,
}

impl Pause {
    pub(super) fn new(wait: &RetryWait, now: Instant) -> Self {
        Self {
            outcome: wait.outcome,
            until: now + wait.wait,
            next_try: wait.attempts.saturating_add(1),
            tries: wait.max_attempts,
        }
    }
}

impl State {
    /// One line about the wait at `now`.
    pub(super) fn text(&self, now: Instant, unicode: bool) -> String {
        let reason = self.reason(now);
        match &self.batch {
            Some(batch) => format!("{}  {reason}", batch.text(unicode))
                .trim_end()
                .to_owned(),
            None if reason.is_empty() => "waiting for the service".to_owned(),
            None => reason,
        }
    }

    fn reason(&self, now: Instant) -> String {
        let left = |pause: &Pause| pause.until.saturating_duration_since(now);
        match (&self.pause, self.renewal) {
            (Some(pause), _) if !left(pause).is_zero() => {
                let reason = why(&pause.outcome);
                let (left, next, tries) = (seconds(left(pause)), pause.next_try, pause.tries);
                format!("{reason}: {left} s left, then try {next} of {tries}")
            }
            (_, Some(Renewal::First)) => "logging in".to_owned(),
            (_, Some(Renewal::Another)) => "renewing the token".to_owned(),
            (Some(pause), None) => format!("try {} of {}", pause.next_try, pause.tries),
            (None, None) => String::new(),
        }
    }
}

impl Batch {
    fn text(&self, unicode: bool) -> String {
        let Self { what, done, all } = self;
        let full = (done * BAR).checked_div(*all).unwrap_or(BAR).min(BAR);
        let (block, blank) = if unicode { ("█", "░") } else { ("#", ".") };
        let bar = block.repeat(full) + &blank.repeat(BAR - full);
        format!("{bar} {done}/{all} {what}")
    }
}

fn why(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Answered { status: 429, .. } => "rate limited".to_owned(),
        Outcome::Answered { status, .. } => format!("the service failed with {status}"),
        Outcome::Failed { .. } | Outcome::Stopped => "no answer".to_owned(),
    }
}

/// Whole seconds, never 0 while there is some time left.
fn seconds(left: Duration) -> u64 {
    left.as_secs() + u64::from(left.subsec_nanos() > 0)
}

/// What observers write and the spinner reads.
#[derive(Clone, Debug, Default)]
pub(crate) struct Progress(Arc<Mutex<State>>);

impl Progress {
    /// Notes how far a batch of so many `what` is.
    pub(crate) fn batch(&self, what: &'static str, done: usize, all: usize) {
        self.update(|state| state.batch = Some(Batch { what, done, all }));
    }

    pub(super) fn update(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    pub(super) fn state(&self) -> State {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

#[cfg(test)]
mod tests {
    use token_core::{Failure, Sent};

    use super::*;

    fn pause(outcome: Outcome, until: Instant) -> Option<Pause> {
        Some(Pause {
            outcome,
            until,
            next_try: 2,
            tries: 3,
        })
    }

    fn answered(status: u16) -> Outcome {
        Outcome::Answered {
            status,
            retry_after: None,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn every_wait_is_told_with_its_reason_and_what_is_left_of_it() {
        let now = Instant::now();
        let until = now + Duration::from_millis(11_200);
        let lost = Outcome::Failed {
            sent: Sent::Maybe,
            failure: Failure::Interrupted,
        };
        let batch = Some(Batch {
            what: "assignments",
            done: 42,
            all: 100,
        });
        let renewing = Some(Renewal::Another);
        let with = |renewal, pause, batch| State {
            renewal,
            pause,
            batch,
        };
        let table = [
            (with(None, None, None), "waiting for the service"),
            (with(Some(Renewal::First), None, None), "logging in"),
            (with(renewing, None, None), "renewing the token"),
            (
                with(None, pause(answered(429), until), None),
                "rate limited: 12 s left, then try 2 of 3",
            ),
            (
                with(None, pause(answered(503), until), None),
                "the service failed with 503: 12 s left, then try 2 of 3",
            ),
            (
                with(None, pause(lost, until), None),
                "no answer: 12 s left, then try 2 of 3",
            ),
            (with(None, pause(lost, now), None), "try 2 of 3"),
            (
                with(renewing, pause(lost, until), None),
                "no answer: 12 s left, then try 2 of 3",
            ),
            (with(renewing, pause(lost, now), None), "renewing the token"),
            (
                with(None, None, batch),
                "████████░░░░░░░░░░░░ 42/100 assignments",
            ),
            (
                with(renewing, None, batch),
                "████████░░░░░░░░░░░░ 42/100 assignments  renewing the token",
            ),
        ];
        for (state, expected) in table {
            assert_eq!(state.text(now, true), expected);
        }
        let ascii = with(None, None, batch).text(now, false);
        assert_eq!(ascii, "########............ 42/100 assignments");
    }

    #[test]
    fn a_bar_is_empty_at_first_full_at_last_and_never_longer() {
        for (done, all, full) in [(0, 3, 0), (1, 3, 6), (3, 3, 20), (4, 3, 20), (0, 0, 20)] {
            let batch = Batch {
                what: "x",
                done,
                all,
            };
            assert_eq!(
                batch.text(false).matches('#').count(),
                full,
                "{done} of {all}"
            );
        }
    }
}
