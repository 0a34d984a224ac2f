//! Until when a snapshot is served without a second look.

use std::time::Duration;

use token_core::lifecycle::Live;
use token_core::{CoarseNow, Now};

/// The span in which a token is fresh, on the scale of the coarse monotonic clock.
///
/// That clock may stand still while the machine sleeps, and a loaded record was judged by the
/// wall clock. Both a suspend and a jump of the wall move the two clocks against each other, so
/// the span also ends when their distance has changed by [`Now::WALL_JUMP`].
///
/// To be past the span means nothing by itself; whoever is asks the life cycle.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FreshUntil {
    monotonic: u64,
    /// The least distance between the two clocks at which nothing has jumped.
    least_offset: u64,
    /// From the end of the span until the token may be too old to be sent.
    rest: u64,
}

/// The clocks may move against each other by so many whole seconds. What shows as more may be a
/// jump; a move of [`Now::WALL_JUMP`] always shows as more.
const UNSEEN_SECS: u64 = Now::WALL_JUMP.as_secs() - 1;

/// What the coarse clocks may not show: their lag, and a suspend too short to be noticed.
const UNSEEN: Duration = CoarseNow::LAG.saturating_add(Duration::from_secs(UNSEEN_SECS));

impl FreshUntil {
    /// A span that is over.
    pub(crate) const NEVER: Self = Self {
        monotonic: 0,
        least_offset: 0,
        rest: 0,
    };

    /// Where the borders of this token lie on the coarse scale.
    ///
    /// `coarse` must have been read before `now`: what lies between the two, and the lag of
    /// `coarse` itself, then shorten the span.
    pub(crate) fn place(live: &Live, coarse: CoarseNow, now: &Now) -> Self {
        let dead_in = live.dead_at.saturating_since(now.boot);
        let usable_for = dead_in.saturating_sub(UNSEEN);
        let fresh_for = live.refresh_at.saturating_since(now.boot).min(usable_for);
        // A loaded record was judged by the wall clock as it stood then.
        let judged_at = live.judged_at.as_ref().unwrap_or(now);
        let offset = moved_back(coarse.offset_secs(), now, judged_at);
        // Rounded down twice, so it may end two seconds early and never late.
        let monotonic = coarse.monotonic_secs().saturating_add(fresh_for.as_secs());
        Self {
            monotonic,
            least_offset: offset.wrapping_sub(UNSEEN_SECS),
            rest: usable_for.as_secs() - fresh_for.as_secs(),
        }
    }

    /// Whether the token is fresh, for all that the coarse clocks can tell.
    #[inline]
    pub(crate) fn holds(&self, coarse: CoarseNow) -> bool {
        let moved = coarse.offset_secs().wrapping_sub(self.least_offset);
        moved <= 2 * UNSEEN_SECS && coarse.monotonic_secs() < self.monotonic
    }

    /// Whether it is fresh, and stays sendable for `validity`.
    pub(crate) fn holds_for(&self, validity: Duration, coarse: CoarseNow) -> bool {
        let needed_until = coarse.monotonic_secs().saturating_add(ceil_secs(validity));
        self.holds(coarse) && needed_until < self.monotonic.saturating_add(self.rest)
    }
}

/// The distance of the coarse clocks as it was at `judged_at`, before the wall clock moved to
/// where it is `now`. Rounded so that a further move in the same direction is noticed early.
fn moved_back(offset: u64, now: &Now, judged_at: &Now) -> u64 {
    match now.wall.duration_since(judged_at.wall_at(now.boot)) {
        Ok(ahead) => offset.wrapping_sub(ceil_secs(ahead)),
        Err(behind) => offset.wrapping_add(ceil_secs(behind.duration())),
    }
}

fn ceil_secs(duration: Duration) -> u64 {
    let rest = u64::from(duration.subsec_nanos() > 0);
    duration.as_secs().saturating_add(rest)
}
