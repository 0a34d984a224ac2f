//! One thing to put right.

use std::fmt;

/// Where something is wrong, what it is, and what to do about it: one line of output.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Problem {
    pub(crate) file: String,
    pub(crate) line: usize,
    pub(crate) what: String,
    pub(crate) advice: String,
}

impl Problem {
    pub(crate) fn new(
        file: impl Into<String>,
        line: usize,
        what: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self {
            file: file.into(),
            line,
            what: what.into(),
            advice: advice.into(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            file,
            line,
            what,
            advice,
        } = self;
        write!(f, "{file}:{line}: {what}: {advice}")
    }
}

/// The problems as text, for the tests of the rules.
#[cfg(test)]
pub(crate) fn lines(problems: &[Problem]) -> Vec<String> {
    problems.iter().map(ToString::to_string).collect()
}
