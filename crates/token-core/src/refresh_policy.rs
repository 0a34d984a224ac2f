//! How early a token is renewed and until when it may be sent.

use std::time::{Duration, SystemTime};

use crate::{Now, TokenData};

/// A token is no longer sent this long before its end, so that it is still alive on arrival.
const DEAD_MARGIN: Duration = Duration::from_secs(5);

/// How early a token is renewed.
///
/// The window is never more than half of the token's lifetime: a ten-minute token would
/// otherwise be renewed at once, a five-minute one for ever.
#[derive(Clone, Debug, PartialEq)]
pub struct RefreshPolicy {
    share: f64,
    shortest: Duration,
    longest: Duration,
    jitter: f64,
    grace: Duration,
}

impl RefreshPolicy {
    /// A fixed window without jitter. The default is 5 minutes.
    pub const fn with_window(window: Duration) -> Self {
        Self {
            share: 0.0,
            shortest: window,
            longest: window,
            jitter: 0.0,
            grace: Duration::ZERO,
        }
    }

    /// For many instances that start together: a fifth of the lifetime, at least 5 and at most 60
    /// minutes, and up to a quarter of that earlier, by chance.
    pub const fn fleet() -> Self {
        Self {
            share: 0.2,
            shortest: Duration::from_secs(300),
            longest: Duration::from_secs(3600),
            jitter: 0.25,
            grace: Duration::ZERO,
        }
    }

    /// For CIDX: 5 minutes, and a token may be refreshed until 30 s after its end; it is
    /// not sent any more by then.
    pub const fn cidx() -> Self {
        let policy = Self::with_window(Duration::from_secs(300));
        Self {
            grace: Duration::from_secs(30),
            ..policy
        }
    }

    /// The windows of one token with this lifetime. `draw`, in `0.0..1.0`, is taken once per
    /// token; it only ever moves the renewal earlier. A draw outside the range counts as its
    /// border.
    pub fn windows(&self, lifetime: Duration, draw: f64) -> Windows {
        let wanted = lifetime
            .mul_f64(self.share)
            .clamp(self.shortest, self.longest.max(self.shortest));
        let lead = wanted.min((lifetime / 2).div_f64(1.0 + self.jitter));
        let draw = if draw.is_nan() {
            0.0
        } else {
            draw.clamp(0.0, 1.0)
        };
        let early = lead.mul_f64(self.jitter * draw);
        let dead_after = lifetime.saturating_sub(DEAD_MARGIN.min(lifetime / 20));
        let refresh_after = lifetime.saturating_sub(lead).saturating_sub(early);
        Windows {
            refresh_after: refresh_after.min(dead_after),
            dead_after,
            refreshable_until: lifetime.saturating_add(self.grace),
        }
    }

    /// Where a stored token stands by the wall clock, for a program that reads one and ends: as if
    /// chance had placed its renewal as early as it can.
    pub fn freshness_of(&self, stored: &TokenData, now: SystemTime) -> Freshness {
        let windows = self.windows(stored.lifetime(), 1.0);
        windows.freshness(windows.age_of(stored, now))
    }
}

impl Default for RefreshPolicy {
    fn default() -> Self {
        Self::with_window(Duration::from_secs(300))
    }
}

/// The borders in the life of one token, as distances from the moment it was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Windows {
    refresh_after: Duration,
    dead_after: Duration,
    refreshable_until: Duration,
}

impl Windows {
    /// From here on the token is renewed in the background.
    pub const fn refresh_after(&self) -> Duration {
        self.refresh_after
    }

    /// From here on the token is not sent any more.
    pub const fn dead_after(&self) -> Duration {
        self.dead_after
    }

    /// Up to here the token may still be used to refresh itself; after it, only a login helps
    ///
    pub const fn refreshable_until(&self) -> Duration {
        self.refreshable_until
    }

    /// The age of a stored record with these borders, by the wall clock. One from the future has an
    /// unknown age, so it counts as stale.
    pub(crate) fn age_of(&self, data: &TokenData, now: SystemTime) -> Duration {
        let ahead = data.obtained_at().duration_since(now).unwrap_or_default();
        if ahead > Now::WALL_JUMP {
            self.refresh_after
        } else {
            data.age(now)
        }
    }

    /// Where a token of this age stands.
    pub fn freshness(&self, age: Duration) -> Freshness {
        if age < self.refresh_after {
            Freshness::Fresh
        } else if age < self.dead_after {
            Freshness::Stale
        } else {
            Freshness::Expired
        }
    }

    /// Whether a token of this age stays sendable for at least `validity`.
    pub fn serves(&self, age: Duration, validity: Duration) -> bool {
        age.saturating_add(validity) < self.dead_after
    }

    /// Whether a token of this age may still be used to refresh itself.
    pub fn refreshable(&self, age: Duration) -> bool {
        age < self.refreshable_until
    }
}

/// Where a token stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_enums,
    reason = "the three cases are complete by definition"
)]
pub enum Freshness {
    /// Sent as it is.
    Fresh,
    /// Sent as it is, and renewed in the background.
    Stale,
    /// Not sent any more.
    Expired,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const fn secs(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    // C-23: the window starts exactly five minutes before the end.
    #[test]
    fn a_day_long_token_is_stale_for_its_last_five_minutes() {
        let windows = RefreshPolicy::default().windows(secs(86_400), 0.9);
        assert_eq!(
            windows.freshness(secs(86_100) - Duration::from_nanos(1)),
            Freshness::Fresh
        );
        assert_eq!(windows.freshness(secs(86_100)), Freshness::Stale);
        assert_eq!(windows.freshness(secs(86_395)), Freshness::Expired);
        assert!(windows.refreshable(secs(86_399)));
        assert!(!windows.refreshable(secs(86_400)));
    }

    // C-23, W-S09: X-09 keeps short tokens from being renewed at once.
    #[test]
    fn the_window_of_a_short_token_is_half_its_life() {
        let windows = RefreshPolicy::default().windows(secs(300), 0.0);
        assert_eq!(windows.refresh_after(), secs(150));
        assert_eq!(windows.dead_after(), secs(295));
        let windows = RefreshPolicy::default().windows(secs(10), 0.0);
        assert_eq!(windows.dead_after(), Duration::from_millis(9_500));
    }

    #[test]
    fn a_token_without_a_window_is_renewed_when_it_is_no_longer_sent() {
        let windows = RefreshPolicy::with_window(Duration::ZERO).windows(secs(100), 0.0);
        assert_eq!(windows.refresh_after(), windows.dead_after());
        assert_eq!(windows.freshness(secs(95)), Freshness::Expired);
    }

    // a record from the future is of no known age.
    #[test]
    fn a_stored_token_is_judged_by_the_wall_clock() {
        let obtained_at = SystemTime::UNIX_EPOCH + secs(1_800_000_000);
        let token = crate::AccessToken::new("text").unwrap();
        let stored = TokenData::with_lifetime(token, obtained_at, secs(86_400));
        let freshness = |now| RefreshPolicy::default().freshness_of(&stored, now);
        assert_eq!(freshness(obtained_at - secs(6)), Freshness::Stale);
        assert_eq!(freshness(obtained_at - secs(5)), Freshness::Fresh);
        assert_eq!(freshness(obtained_at + secs(86_099)), Freshness::Fresh);
        assert_eq!(freshness(obtained_at + secs(86_100)), Freshness::Stale);
        assert_eq!(freshness(obtained_at + secs(86_395)), Freshness::Expired);
    }

    // C-24: 30 s after the end a token still refreshes, but is not sent.
    #[test]
    fn the_cidx_grace_is_for_refreshing_only() {
        let windows = RefreshPolicy::cidx().windows(secs(600), 0.0);
        assert_eq!(windows.freshness(secs(600)), Freshness::Expired);
        assert!(windows.refreshable(secs(629)));
        assert!(!windows.refreshable(secs(630)));
    }

    #[test]
    fn the_fleet_window_follows_the_lifetime_and_spreads_early() {
        let fleet = RefreshPolicy::fleet();
        assert_eq!(
            fleet.windows(secs(86_400), 0.0).refresh_after(),
            secs(82_800)
        );
        assert_eq!(
            fleet.windows(secs(86_400), 1.0).refresh_after(),
            secs(81_900)
        );
        assert_eq!(fleet.windows(secs(3_600), 0.0).refresh_after(), secs(2_880));
    }

    #[test]
    fn a_demand_on_validity_is_met_only_while_enough_is_left() {
        let windows = RefreshPolicy::default().windows(secs(1_000), 0.0);
        assert!(windows.serves(secs(984), secs(10)));
        assert!(!windows.serves(secs(985), secs(10)));
        assert!(!windows.serves(secs(0), Duration::MAX));
    }

    proptest! {
        #[test]
        fn the_borders_keep_their_order_for_every_lifetime(
            nanos in 0_u64.., draw in -1.0_f64..2.0, window in 0_u64..100_000,
        ) {
            let lifetime = Duration::from_nanos(nanos);
            for policy in [RefreshPolicy::with_window(secs(window)), RefreshPolicy::fleet(), RefreshPolicy::cidx()] {
                let windows = policy.windows(lifetime, draw);
                prop_assert!(windows.refresh_after() <= windows.dead_after());
                prop_assert!(windows.dead_after() <= lifetime);
                prop_assert!(windows.refreshable_until() >= lifetime);
                prop_assert!(windows.refresh_after() + Duration::from_nanos(2) >= lifetime / 2);
            }
        }
    }
}
