//! Many times of one thing, and the two of them that say how it is.

use std::time::Duration;

use crate::Measurement;

/// The times of one subject.
#[derive(Debug, Default)]
pub struct Samples(Vec<Duration>);

impl Samples {
    /// Takes the time of a round, unless it is one of the first, which warm up.
    pub fn add_after(&mut self, warm_up: usize, round: usize, time: Duration) {
        if round >= warm_up {
            self.0.push(time);
        }
    }

    /// Prints the median, and what 99 of 100 do not exceed, in microseconds.
    pub fn print(mut self, bench: &str, subject: &str) {
        self.0.sort_unstable();
        for (percent, unit) in [(50, "us_p50"), (99, "us_p99")] {
            let time = self.0.get(self.0.len() * percent / 100);
            let micros = time.map_or(f64::NAN, |time| time.as_secs_f64() * 1e6);
            Measurement::new(bench, subject, micros, unit).print();
        }
    }

    /// The median and the shortest, in milliseconds.
    pub fn median_and_best_ms(mut self) -> (f64, f64) {
        self.0.sort_unstable();
        let ms = |time: Option<&Duration>| time.map_or(f64::NAN, |time| time.as_secs_f64() * 1e3);
        (ms(self.0.get(self.0.len() / 2)), ms(self.0.first()))
    }
}
