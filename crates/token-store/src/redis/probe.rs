//! How long a server that is away is left alone.

use std::time::Duration;

/// The first pause.
const SHORTEST: Duration = Duration::from_millis(100);

/// The longest: a server that came back is found this soon.
const LONGEST: Duration = Duration::from_secs(5);

/// The pause before the next connection is tried, after this many failures in a row (at least
/// one): doubled each time, and between half of it and all of it, as `draw` says.
pub(crate) fn pause_before(failures: u32, draw: u32) -> Duration {
    let doublings = failures.saturating_sub(1).min(16);
    let whole = SHORTEST.saturating_mul(1 << doublings).min(LONGEST);
    let half = whole / 2;
    half + half.mul_f64(f64::from(draw) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_to_a_limit_and_differ() {
        let millis = |failures, draw| pause_before(failures, draw).as_millis();
        let longest: Vec<_> = (1..=8).map(|failures| millis(failures, u32::MAX)).collect();
        assert_eq!(longest, [100, 200, 400, 800, 1600, 3200, 5000, 5000]);
        assert_eq!(millis(1, 0), 50);
        assert_eq!(millis(u32::MAX, 0), 2500);
        assert_eq!(millis(0, u32::MAX), 100);
    }
}
