//! Until when a snapshot is served without a second look.

use std::time::Duration;

use token_core::lifecycle::Live;
use token_core::{CoarseNow, Now};

/// The span in which a token is fresh, on the scales of both coarse clocks.
///
/// Either clock ends it, so a suspend is seen by the one and a wall clock that was set back by the
/// other. A distance between the two that changed by more than [`Now::WALL_JUMP`] ends it too: the
/// wall jumped, or the machine slept. Only a suspend during which the wall was set back by the
/// same time goes unseen.
///
/// To be past the span means nothing by itself; whoever is asks the life cycle.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FreshUntil {
    wall: u64,
    monotonic: u64,
    /// The least distance between the two clocks at which nothing has jumped.
    least_offset: u64,
    /// From the end of the span until the token is no longer sent.
    rest: u64,
}

const JUMP: u64 = nanos(Now::WALL_JUMP);

impl FreshUntil {
    /// A span that is over.
    pub(crate) const NEVER: Self = Self {
        wall: 0,
        monotonic: 0,
        least_offset: 0,
        rest: 0,
    };

    /// Where the borders of this token lie on the coarse scales.
    ///
    /// A coarse reading may lag when it is compared, so the span ends early enough before the
    /// token is dead. `coarse` must have been read before `now`: what lies between the two, and
    /// the lag of `coarse` itself, then shorten the span.
    pub(crate) fn place(live: &Live, coarse: CoarseNow, now: &Now) -> Self {
        let dead_in = live.dead_at.saturating_since(now.boot);
        let dead_in = dead_in.saturating_sub(CoarseNow::LAG);
        let fresh_for = live.refresh_at.saturating_since(now.boot).min(dead_in);
        let after = |moment: u64| moment.saturating_add(nanos(fresh_for));
        // A loaded record was judged by the wall clock as it stood then.
        let judged_at = live.judged_at.as_ref().unwrap_or(now);
        let offset = moved_back(coarse.offset_nanos(), now, judged_at);
        Self {
            wall: after(coarse.wall_nanos()),
            monotonic: after(coarse.monotonic_nanos()),
            least_offset: offset.wrapping_sub(JUMP),
            rest: nanos(dead_in - fresh_for),
        }
    }

    /// Whether the token is fresh, for all that the coarse clocks can tell.
    pub(crate) fn holds(&self, coarse: CoarseNow) -> bool {
        let moved = coarse.offset_nanos().wrapping_sub(self.least_offset);
        coarse.monotonic_nanos() < self.monotonic
            && coarse.wall_nanos() < self.wall
            && moved <= 2 * JUMP
    }

    /// Whether it is fresh, and stays sendable for `validity`.
    pub(crate) fn holds_for(&self, validity: Duration, coarse: CoarseNow) -> bool {
        let serves = |now: u64, fresh_until: u64| {
            now.saturating_add(nanos(validity)) < fresh_until.saturating_add(self.rest)
        };
        self.holds(coarse)
            && serves(coarse.monotonic_nanos(), self.monotonic)
            && serves(coarse.wall_nanos(), self.wall)
    }
}

/// The distance of the coarse clocks as it was at `judged_at`, before the wall clock moved to
/// where it is `now`.
fn moved_back(offset: u64, now: &Now, judged_at: &Now) -> u64 {
    match now.wall.duration_since(judged_at.wall_at(now.boot)) {
        Ok(ahead) => offset.wrapping_sub(nanos(ahead)),
        Err(behind) => offset.wrapping_add(nanos(behind.duration())),
    }
}

/// At most `u64::MAX`, which is more than five centuries.
const fn nanos(duration: Duration) -> u64 {
    let nanos = duration.as_nanos();
    if nanos > u64::MAX as u128 {
        return u64::MAX;
    }
    nanos as u64
}
