//! The table a command ends with: one line per step.

use std::{fmt, process::ExitCode, time::Duration};

use crate::tools::EXIT_MISSING;

/// How one step ended.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Outcome {
    Passed,
    Failed(String),
    Skipped(String),
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Passed => f.write_str("passed"),
            Self::Failed(why) => write!(f, "FAILED: {why}"),
            Self::Skipped(why) => write!(f, "SKIPPED: {why}"),
        }
    }
}

/// One step, how it ended, how long it took, and how many tests it ran when that is known.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) outcome: Outcome,
    pub(crate) tests: Option<usize>,
    pub(crate) building: Duration,
    pub(crate) running: Duration,
}

impl Row {
    /// A step that took no time and ran no test, until the fields say otherwise.
    pub(crate) fn new(name: &str, outcome: Outcome) -> Self {
        Self {
            name: name.to_owned(),
            outcome,
            tests: None,
            building: Duration::ZERO,
            running: Duration::ZERO,
        }
    }
}

/// The rows of one command, in the order they ran.
#[derive(Debug, Default)]
pub(crate) struct Summary {
    rows: Vec<Row>,
}

impl Summary {
    pub(crate) fn push(&mut self, row: Row) {
        self.rows.push(row);
    }

    /// Appends the rows of a command that ran as a step of this one.
    pub(crate) fn append(&mut self, other: Summary) {
        self.rows.extend(other.rows);
    }

    /// 0 when something passed and nothing failed; skipping everything proves nothing, so it is 3.
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.code())
    }

    fn code(&self) -> u8 {
        if self
            .rows
            .iter()
            .any(|row| matches!(row.outcome, Outcome::Failed(_)))
        {
            return 1;
        }
        if self.rows.iter().any(|row| row.outcome == Outcome::Passed) {
            return 0;
        }
        EXIT_MISSING
    }

    fn count(&self, matches: impl Fn(&Outcome) -> bool) -> usize {
        self.rows.iter().filter(|row| matches(&row.outcome)).count()
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<22} {:>6} {:>9} {:>9}  result",
            "step", "tests", "build s", "run s"
        )?;
        for row in &self.rows {
            let tests = row
                .tests
                .map_or_else(|| "-".to_owned(), |count| count.to_string());
            let (building, running) = (row.building.as_secs_f64(), row.running.as_secs_f64());
            let Row { name, outcome, .. } = row;
            writeln!(
                f,
                "{name:<22} {tests:>6} {building:>9.1} {running:>9.1}  {outcome}"
            )?;
        }
        let passed = self.count(|outcome| *outcome == Outcome::Passed);
        let failed = self.count(|outcome| matches!(outcome, Outcome::Failed(_)));
        let skipped = self.count(|outcome| matches!(outcome, Outcome::Skipped(_)));
        let total: Duration = self.rows.iter().map(|row| row.building + row.running).sum();
        let total = total.as_secs_f64();
        write!(
            f,
            "{passed} passed, {failed} failed, {skipped} skipped (not a pass), {total:.1} s"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(outcomes: &[Outcome]) -> Summary {
        let mut summary = Summary::default();
        for outcome in outcomes {
            summary.push(Row::new("step", outcome.clone()));
        }
        summary
    }

    #[test]
    fn one_failure_fails_the_command() {
        let failed = Outcome::Failed("why".to_owned());
        assert_eq!(summary(&[Outcome::Passed, failed]).code(), 1);
    }

    #[test]
    fn a_skipped_step_is_not_a_pass() {
        let skipped = Outcome::Skipped("needs X".to_owned());
        assert_eq!(summary(std::slice::from_ref(&skipped)).code(), EXIT_MISSING);
        let both = summary(&[Outcome::Passed, skipped]);
        assert_eq!(both.code(), 0);
        let text = both.to_string();
        assert!(
            text.contains("1 passed, 0 failed, 1 skipped (not a pass)"),
            "{text}"
        );
    }
}
