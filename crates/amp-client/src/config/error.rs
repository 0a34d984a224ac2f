//! What is wrong with the settings.

use std::fmt;

/// What is wrong with the settings: all of it, each with the name of the setting and what it
/// accepts. No value is repeated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError(Vec<String>);

impl ConfigError {
    /// Each problem by itself, as in `Invalid AMP_ALLOW_LIVE: expected true or false`.
    pub fn problems(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// One problem.
    pub(crate) fn one(setting: &str, rule: impl fmt::Display) -> Self {
        Self(vec![format!("Invalid {setting}: {rule}")])
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("; "))
    }
}

impl std::error::Error for ConfigError {}

/// Collects problems, so that one look tells them all.
#[derive(Default)]
pub(super) struct Problems(Vec<String>);

impl Problems {
    pub(super) fn add(&mut self, setting: &str, rule: impl fmt::Display) {
        self.0.push(format!("Invalid {setting}: {rule}"));
    }

    pub(super) fn extend<'a>(&mut self, problems: impl IntoIterator<Item = &'a str>) {
        self.0.extend(problems.into_iter().map(str::to_owned));
    }

    /// The value, unless there was a problem.
    pub(super) fn unless_any<T>(self, value: Option<T>) -> Result<T, ConfigError> {
        match value {
            Some(value) if self.0.is_empty() => Ok(value),
            _ => Err(ConfigError(self.0)),
        }
    }
}
