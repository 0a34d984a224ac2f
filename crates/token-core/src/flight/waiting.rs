//! The lease, and the wait while somebody else has it.
//!
//! Whoever has it will store a token: the store is watched for that, and the token taken over
//! without a turn of one's own. That a holder ended without storing shows only in the lease, which
//! is tried again and again.

use std::time::Duration;

use super::{Flight, LeaseAnswer, Step};
use crate::lifecycle::Goal;
use crate::{BootInstant, Now, TokenError};

/// The longest pause between two tries for the lease: a holder that died has to be followed within
/// 100 ms, and a note about a failure that may pass, which counts for one second, has to be found.
const PAUSE: Duration = Duration::from_millis(50);

/// When a lease that somebody else has is tried again.
#[derive(Debug)]
#[cfg_attr(test, derive(Clone))]
pub(super) struct Pace {
    next_try: BootInstant,
    /// Whether the store is worth another look before that. One that calls itself changed, and is
    /// not, would be asked without end.
    watching: bool,
}

impl Pace {
    pub(super) fn new(now: &Now) -> Self {
        Self {
            next_try: now.boot,
            watching: true,
        }
    }

    fn tried(&mut self, now: &Now) {
        self.next_try = now.boot.saturating_add(PAUSE);
        self.watching = true;
    }

    /// The store has something that is not to be adopted.
    pub(super) fn moved(&mut self) {
        self.watching = true;
    }
}

impl Flight {
    pub(super) fn leased(&mut self, answer: LeaseAnswer, now: &Now) -> Step {
        self.noted = match answer {
            LeaseAnswer::Acquired { sent, failed } => {
                self.leased = true;
                self.found_spent = sent;
                failed
            }
            LeaseAnswer::Held { failed } => {
                self.contended = true;
                self.pace.tried(now);
                failed
            }
            LeaseAnswer::Unavailable => {
                self.contended = false;
                None
            }
        };
        if self.may_act() {
            return Step::Load;
        }
        if self.waited(now) >= self.settings.lease_wait {
            return self.fail(TokenError::Timeout(self.settings.lease_wait));
        }
        if self.has_seen_the_store() && !self.shares_a_failure() {
            return self.wait(now);
        }
        Step::Load
    }

    /// Whether the network may be used: we hold the lease, or the store cannot give one.
    pub(super) fn may_act(&self) -> bool {
        self.leased || !self.contended
    }

    /// From then on only a change of it is a reason to read it again.
    fn has_seen_the_store(&self) -> bool {
        self.found.is_some() && self.store_readable
    }

    /// A failure that somebody else noted is shared instead of repeated, unless this flight was
    /// forced.
    pub(super) fn shares_a_failure(&self) -> bool {
        self.noted.is_some() && self.goal == Goal::Renew
    }

    pub(super) fn changed(&mut self) -> Step {
        self.pace.watching = false;
        Step::Load
    }

    /// Waits for whoever has the lease.
    pub(super) fn wait(&self, now: &Now) -> Step {
        let left = self.settings.lease_wait.saturating_sub(self.waited(now));
        let pause = self.pace.next_try.saturating_since(now.boot).min(left);
        if pause.is_zero() {
            return Step::Lease;
        }
        Step::Wait {
            pause,
            watch: self.pace.watching,
        }
    }

    fn waited(&self, now: &Now) -> Duration {
        now.boot.saturating_since(self.started)
    }
}
