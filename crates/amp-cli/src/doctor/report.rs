//! What was examined, and what came of it.

use std::fmt;

use serde::Serialize;

use crate::context::Context;
use crate::error::Failure;
use crate::show::Column;

/// What an examination came to. The words are part of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Ok,
    Warning,
    Problem,
}

/// What a problem keeps from working, which is what the exit code tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Area {
    Storage,
    Network,
}

#[derive(Debug, Serialize)]
struct Check {
    check: &'static str,
    state: State,
    detail: String,
    fix: Option<String>,
}

/// All checks, in the order in which they were made.
#[derive(Debug, Default)]
pub(super) struct Report {
    checks: Vec<Check>,
    broken: Vec<Area>,
}

#[derive(Serialize)]
struct Printed<'a> {
    ok: bool,
    checks: &'a [Check],
}

impl Report {
    pub(super) fn ok(&mut self, check: &'static str, detail: impl fmt::Display) {
        self.add(check, State::Ok, detail, None);
    }

    pub(super) fn warning(
        &mut self,
        check: &'static str,
        detail: impl fmt::Display,
        fix: impl Into<String>,
    ) {
        self.add(check, State::Warning, detail, Some(fix.into()));
    }

    pub(super) fn problem(
        &mut self,
        area: Area,
        check: &'static str,
        detail: impl fmt::Display,
        fix: impl Into<String>,
    ) {
        self.broken.push(area);
        self.add(check, State::Problem, detail, Some(fix.into()));
    }

    /// Prints the report; a problem makes the command fail with the code of its area, storage
    /// first.
    pub(super) fn print(&self, context: &Context) -> Result<(), Failure> {
        if context.output.is_json() {
            let printed = Printed {
                ok: self.broken.is_empty(),
                checks: &self.checks,
            };
            context.output.value(&printed)?;
        } else {
            let rows: Vec<_> = self.checks.iter().map(Check::row).collect();
            let columns = Column::whole(&["CHECK", "STATE", "DETAIL", "WHAT TO DO"]);
            context.output.table(&columns, &rows)?;
        }
        self.verdict()
    }

    /// What was told: the check, its state and the detail.
    #[cfg(test)]
    pub(super) fn told(&self) -> Vec<String> {
        let told = |check: &Check| format!("{} {:?}: {}", check.check, check.state, check.detail);
        self.checks.iter().map(told).collect()
    }

    fn verdict(&self) -> Result<(), Failure> {
        let message = match self.broken.len() {
            0 => return Ok(()),
            1 => "there is 1 problem".to_owned(),
            problems => format!("there are {problems} problems"),
        };
        Err(match self.broken.contains(&Area::Storage) {
            true => Failure::storage(message),
            false => Failure::network(message),
        })
    }

    fn add(
        &mut self,
        check: &'static str,
        state: State,
        detail: impl fmt::Display,
        fix: Option<String>,
    ) {
        let detail = detail.to_string();
        self.checks.push(Check {
            check,
            state,
            detail,
            fix,
        });
    }
}

impl Check {
    fn row(&self) -> Vec<String> {
        let state = match self.state {
            State::Ok => "ok",
            State::Warning => "warning",
            State::Problem => "PROBLEM",
        };
        let fix = self.fix.clone().unwrap_or_default();
        vec![
            self.check.to_owned(),
            state.to_owned(),
            self.detail.clone(),
            fix,
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(report: &Report) -> u8 {
        report
            .verdict()
            .map_or_else(|failure| failure.kind().exit_code(), |()| 0)
    }

    #[test]
    fn storage_comes_before_the_network_and_a_warning_is_no_failure() {
        let mut report = Report::default();
        report.warning("clock", "odd", "look");
        report.ok("store", "fine");
        assert_eq!(code(&report), 0);
        report.problem(Area::Network, "service", "away", "wait");
        assert_eq!(code(&report), 8);
        report.problem(Area::Storage, "file", "open to others", "close it");
        assert_eq!(code(&report), 9);
    }
}
