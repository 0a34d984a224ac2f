//! One number, as a line of output.

use serde::Serialize;

/// One number of one subject.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Measurement<'a> {
    bench: &'a str,
    subject: &'a str,
    value: f64,
    unit: &'a str,
}

impl<'a> Measurement<'a> {
    /// That this subject of this bench measured so many of that unit.
    pub fn new(bench: &'a str, subject: &'a str, value: f64, unit: &'a str) -> Self {
        Self {
            bench,
            subject,
            value,
            unit,
        }
    }

    /// Prints it as one line of JSON.
    #[expect(clippy::print_stdout, reason = "the output of a bench is its result")]
    pub fn print(&self) {
        println!(
            "{}",
            serde_json::to_string(self).expect("names and a number are JSON")
        );
    }
}
