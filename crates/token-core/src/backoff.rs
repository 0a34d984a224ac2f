//! How long to pause before a repetition.

use std::time::Duration;

/// The pauses between tries: doubling from a base to a longest delay, each with a share of chance.
///
/// Before repetition n (1, 2, …) the pause is drawn evenly from `lo..=hi` with
/// `d = min(base * 2^(n-1), max)`, `hi = min(d + base/2, max)`, `lo = max(base, hi - base/2)`:
/// upstream's bounds, but chance is not lost at the longest delay. A longest delay
/// below the base counts as the base.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    base: Duration,
    max: Duration,
    full_jitter: bool,
}

impl Backoff {
    /// Pauses from `base` to `max`.
    pub const fn new(base: Duration, max: Duration) -> Self {
        Self {
            base,
            max,
            full_jitter: false,
        }
    }

    /// Draws from `0..=d` instead: more callers may ask at once, but they spread best.
    #[must_use]
    pub const fn with_full_jitter(mut self) -> Self {
        self.full_jitter = true;
        self
    }

    /// The shortest pause without full jitter.
    pub const fn base(&self) -> Duration {
        self.base
    }

    /// The pause before repetition `retry`, counted from 1. `draw`, in `0.0..1.0`, picks within
    /// the bounds; a draw outside the range counts as its border.
    pub fn delay(&self, retry: u32, draw: f64) -> Duration {
        let (lo, hi) = self.bounds(retry);
        let spread = (hi - lo).as_secs_f64() * draw.clamp(0.0, 1.0);
        let extra = Duration::try_from_secs_f64(spread).unwrap_or_default();
        lo.saturating_add(extra).min(hi)
    }

    /// The shortest and the longest pause before repetition `retry`, counted from 1.
    pub fn bounds(&self, retry: u32) -> (Duration, Duration) {
        let max = self.max.max(self.base);
        let doubled = 2_u32.saturating_pow(retry.saturating_sub(1));
        let delay = self.base.saturating_mul(doubled).min(max);
        if self.full_jitter {
            return (Duration::ZERO, delay);
        }
        let half = self.base / 2;
        let hi = delay.saturating_add(half).min(max);
        (hi.saturating_sub(half).max(self.base), hi)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn seed() -> Backoff {
        Backoff::new(Duration::from_secs(1), Duration::from_secs(30))
    }

    fn millis(bounds: (Duration, Duration)) -> (u128, u128) {
        (bounds.0.as_millis(), bounds.1.as_millis())
    }

    //
    #[test]
    fn the_bounds_double_and_keep_their_width_at_the_longest_delay() {
        let bounds: Vec<_> = (1..=7).map(|retry| millis(seed().bounds(retry))).collect();
        assert_eq!(
            bounds,
            [
                (1000, 1500),
                (2000, 2500),
                (4000, 4500),
                (8000, 8500),
                (16_000, 16_500),
                (29_500, 30_000),
                (29_500, 30_000),
            ]
        );
    }

    // W-A17, X-04: pauses differ at the longest delay too, over the whole range.
    #[test]
    fn the_draw_reaches_both_borders_at_every_repetition() {
        for retry in 1..=40 {
            let (lo, hi) = seed().bounds(retry);
            assert!(lo < hi, "{retry}");
            assert_eq!(seed().delay(retry, 0.0), lo);
            assert_eq!(seed().delay(retry, 1.0), hi);
        }
    }

    // Pitfall 1.
    // W-A17: a whole-second base lost all chance in a widely used implementation.
    #[test]
    fn a_thousand_sessions_fill_the_range_and_differ() {
        let mut rng = fastrand::Rng::with_seed(7);
        let delays: Vec<_> = (0..1000).map(|_| seed().delay(1, rng.f64())).collect();
        let tenths: std::collections::BTreeSet<_> = delays
            .iter()
            .map(|delay| (delay.as_millis() - 1000) / 50)
            .collect();
        assert!(tenths.len() >= 10, "{tenths:?}");
        let distinct: std::collections::BTreeSet<_> = delays.iter().collect();
        assert!(distinct.len() > 990, "{}", distinct.len());
    }

    #[test]
    fn full_jitter_draws_from_zero_to_the_delay() {
        let backoff = seed().with_full_jitter();
        assert_eq!(millis(backoff.bounds(3)), (0, 4000));
        assert_eq!(millis(backoff.bounds(9)), (0, 30_000));
    }

    fn any_duration() -> impl Strategy<Value = Duration> {
        prop_oneof![
            (any::<u64>(), 0_u32..1_000_000_000).prop_map(|(s, n)| Duration::new(s, n)),
            (0_u64..100_000).prop_map(Duration::from_millis),
        ]
    }

    proptest! {
        // A-61, C-61, W-A15: upstream multiplied unchecked, and added chance on top of the cap.
        #[test]
        fn no_input_overflows_and_every_pause_is_within_its_bounds(
            base in any_duration(), max in any_duration(), retry in any::<u32>(),
            draw in any::<f64>(), full in any::<bool>(),
        ) {
            let mut backoff = Backoff::new(base, max);
            if full { backoff = backoff.with_full_jitter(); }
            let (lo, hi) = backoff.bounds(retry);
            let delay = backoff.delay(retry, draw);
            prop_assert!(lo <= delay && delay <= hi, "{:?} in {:?}..={:?}", delay, lo, hi);
            prop_assert!(hi <= max.max(base));
            prop_assert!(full || lo >= base);
        }
    }
}
