//! The token that is served without asking the life cycle.

use std::sync::Arc;
use std::time::Duration;

use token_core::lifecycle::{Epoch, Live};
use token_core::{Clock, CoarseNow, Now};

use crate::Scheme;
use crate::fresh_until::FreshUntil;
use crate::snapshot::Snapshot;
use crate::sync::{Guard, Published};

/// The published token, with what is needed to read it and to put another in its place.
///
/// All changes are made under the lock of the life cycle; reading takes no lock.
#[derive(Debug)]
pub(crate) struct PublishedToken {
    snapshot: Published<Snapshot>,
    clock: Arc<dyn Clock>,
    scheme: Scheme,
}

impl PublishedToken {
    pub(crate) fn new(clock: Arc<dyn Clock>, scheme: Scheme) -> Self {
        Self {
            snapshot: Published::new(Snapshot::empty()),
            clock,
            scheme,
        }
    }

    /// The token, if it is fresh: one load, two coarse clocks and three comparisons.
    pub(crate) fn fresh(&self) -> Option<Guard<Snapshot>> {
        let snapshot = self.snapshot.guard();
        snapshot.is_fresh(self.clock.coarse()).then_some(snapshot)
    }

    /// The token, if it is fresh and stays sendable for `validity`.
    pub(crate) fn fresh_for(&self, validity: Duration) -> Option<Guard<Snapshot>> {
        let snapshot = self.snapshot.guard();
        let is_fresh = snapshot.is_fresh_for(validity, self.clock.coarse());
        is_fresh.then_some(snapshot)
    }

    /// The token of this epoch, if it is still the published one.
    pub(crate) fn of_epoch(&self, epoch: Epoch) -> Option<Guard<Snapshot>> {
        let snapshot = self.snapshot.guard();
        (snapshot.epoch() == epoch).then_some(snapshot)
    }

    pub(crate) fn replace(&self, live: &Live) {
        self.snapshot.store(Arc::new(self.snapshot_now(live)));
    }

    pub(crate) fn withdraw(&self) {
        self.snapshot.store(Arc::new(Snapshot::empty()));
    }

    /// Places the borders of the published token again, where a jump of the wall clock or a
    /// suspend made it look stale that is not. Otherwise each reader would have to ask.
    pub(crate) fn confirm(&self, live: &Live) {
        let (coarse, fresh_until) = self.place(live);
        let published = self.snapshot.guard();
        let is_lost = fresh_until.holds(coarse) && !published.is_fresh(coarse);
        if is_lost && published.epoch() == live.epoch {
            self.snapshot
                .store(Arc::new(published.placed_again(fresh_until)));
        }
    }

    /// The published snapshot where it is of this token, else one for those who wait alone.
    pub(crate) fn snapshot_of(&self, live: &Live) -> Arc<Snapshot> {
        let published = self.snapshot.load();
        if published.epoch() == live.epoch && published.data() == Some(&live.data) {
            return published;
        }
        Arc::new(self.snapshot_now(live))
    }

    fn snapshot_now(&self, live: &Live) -> Snapshot {
        let (_, fresh_until) = self.place(live);
        Snapshot::new(live.clone(), self.scheme, fresh_until)
    }

    /// The coarse clocks are read first, so that what passes between the two readings shortens
    /// the span.
    fn place(&self, live: &Live) -> (CoarseNow, FreshUntil) {
        let coarse = self.clock.coarse();
        let now: Now = self.clock.now();
        (coarse, FreshUntil::place(live, coarse, &now))
    }
}
