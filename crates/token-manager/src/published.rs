//! The token that is served without asking the life cycle.

use std::sync::Arc;
use std::time::Duration;

use token_core::lifecycle::{Epoch, Live};
use token_core::{Clock, CoarseNow};

use crate::clock::is_of_the_machine;
use crate::fresh_until::FreshUntil;
use crate::snapshot::{Snapshot, Span};
use crate::sync::{Loan, Published};
use crate::{Scheme, SystemClock};

/// The published token, with what is needed to read it and to put another in its place.
///
/// All changes are made under the lock of the life cycle; reading takes no lock.
#[derive(Debug)]
pub(crate) struct PublishedToken {
    snapshot: Published<Snapshot>,
    clock: Arc<dyn Clock>,
    /// Whether `clock` is that of the machine, so that the hot path need not ask it.
    by_machine: bool,
    scheme: Scheme,
}

impl PublishedToken {
    pub(crate) fn new(clock: Arc<dyn Clock>, scheme: Scheme) -> Self {
        Self {
            snapshot: Published::new(Snapshot::empty()),
            by_machine: is_of_the_machine(&*clock),
            clock,
            scheme,
        }
    }

    /// The token, if it is fresh: two coarse clocks, one load and two comparisons.
    ///
    /// A thread that is held up between the clocks and the load judges by an old reading, just as
    /// one that is held up after it has the token sends an old token.
    #[inline(always)]
    pub(crate) fn fresh(&self) -> Option<Loan<Snapshot>> {
        let now = SystemClock.coarse();
        let snapshot = self.snapshot.loan();
        if snapshot.is_fresh_by_machine(now) || self.is_fresh_by_other_clock(&snapshot) {
            return Some(snapshot);
        }
        let_go(snapshot);
        None
    }

    /// A snapshot whose times are those of another clock is never fresh by the machine's.
    #[cold]
    fn is_fresh_by_other_clock(&self, snapshot: &Snapshot) -> bool {
        !self.by_machine && snapshot.is_fresh(self.clock.coarse())
    }

    /// The token, if it is fresh and stays sendable for `validity`.
    pub(crate) fn fresh_for(&self, validity: Duration) -> Option<Loan<Snapshot>> {
        let snapshot = self.snapshot.loan();
        let is_fresh = snapshot.is_fresh_for(validity, self.clock.coarse());
        is_fresh.then_some(snapshot)
    }

    /// The token of this epoch, if it is still the published one.
    pub(crate) fn of_epoch(&self, epoch: Epoch) -> Option<Loan<Snapshot>> {
        let snapshot = self.snapshot.loan();
        (snapshot.epoch() == epoch).then_some(snapshot)
    }

    pub(crate) fn replace(&self, live: &Live) {
        self.snapshot.store(Arc::new(self.snapshot_now(live)));
    }

    pub(crate) fn withdraw(&self) {
        self.snapshot.store(Arc::new(Snapshot::empty()));
    }

    /// Places the span of the published token again, where a jump of the wall clock or a suspend
    /// made it look stale that is not. Otherwise each reader would have to ask.
    pub(crate) fn confirm(&self, live: &Live) {
        let (coarse, span) = self.place(live);
        let published = self.snapshot.loan();
        let is_lost = span.by_clock.holds(coarse) && !published.is_fresh(coarse);
        if is_lost && published.epoch() == live.epoch {
            self.snapshot.store(Arc::new(published.placed_again(span)));
        }
    }

    /// The published snapshot where it is of this token, else one for those who wait alone.
    pub(crate) fn snapshot_of(&self, live: &Live) -> Arc<Snapshot> {
        let published = Loan::into_inner(self.snapshot.loan());
        if published.epoch() == live.epoch && published.data() == Some(&live.data) {
            return published;
        }
        Arc::new(self.snapshot_now(live))
    }

    fn snapshot_now(&self, live: &Live) -> Snapshot {
        let (_, span) = self.place(live);
        Snapshot::new(live.clone(), self.scheme, span)
    }

    /// The coarse clocks are read first, so that what passes between the two readings shortens
    /// the span.
    fn place(&self, live: &Live) -> (CoarseNow, Span) {
        let coarse = self.clock.coarse();
        let by_clock = FreshUntil::place(live, coarse, &self.clock.now());
        let by_machine = match self.by_machine {
            true => by_clock,
            false => FreshUntil::NEVER,
        };
        let span = Span {
            by_clock,
            by_machine,
        };
        (coarse, span)
    }
}

/// Gives a loan back, out of the way of those who keep it.
#[cold]
fn let_go(_: Loan<Snapshot>) {}

#[cfg(test)]
mod tests;
