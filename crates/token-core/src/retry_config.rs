//! How often, how fast and for how long a request is tried.

use std::borrow::Cow;
use std::ffi::OsString;
use std::fmt;
use std::time::Duration;

use crate::Backoff;

const MAX_ATTEMPTS: &str = "API_RETRY_MAX_ATTEMPTS";
const BASE_DELAY: &str = "API_RETRY_BASE_DELAY_MS";
const MAX_DELAY: &str = "API_RETRY_MAX_DELAY_MS";
const TIMEOUT: &str = "API_REQUEST_TIMEOUT_SECONDS";

/// How often a request is tried, how long the pauses are, and how long one try may take.
///
/// A value that exists is valid: at least one attempt, a base delay and a time-out above zero, a
/// longest delay that is not below the base delay (A-09). The default is 3 attempts, 1 s base
/// delay, 30 s longest delay and 10 s for each try (A-03 to A-06).
///
/// ```
/// use std::time::Duration;
/// use token_core::RetryConfig;
///
/// let config = RetryConfig::builder().with_max_attempts(4).build()?;
/// assert_eq!(config.base_delay(), Duration::from_secs(1));
/// assert!(RetryConfig::builder().with_max_attempts(0).build().is_err());
/// # Ok::<(), token_core::RetryConfigError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryConfig {
    max_attempts: u32,
    base_delay: Duration,
    max_delay: Duration,
    timeout: Duration,
}

impl RetryConfig {
    /// Starts with the default values.
    pub fn builder() -> RetryConfigBuilder {
        Self::default().to_builder()
    }

    /// For tests against a real server: 2 attempts, 500 ms base delay, 5 s longest delay, 5 s for
    /// each try (A-10, X-01). Nothing chooses it by itself.
    pub const fn for_tests() -> Self {
        Self {
            max_attempts: 2,
            base_delay: Duration::from_millis(500),
            max_delay: Duration::from_secs(5),
            timeout: Duration::from_secs(5),
        }
    }

    /// For unit tests: 3 attempts with pauses of 1 ms, 1 s for each try (X-01).
    pub const fn instant() -> Self {
        Self {
            max_attempts: 3,
            base_delay: Duration::from_millis(1),
            max_delay: Duration::from_millis(1),
            timeout: Duration::from_secs(1),
        }
    }

    /// Reads `API_RETRY_MAX_ATTEMPTS`, `API_RETRY_BASE_DELAY_MS`, `API_RETRY_MAX_DELAY_MS` and
    /// `API_REQUEST_TIMEOUT_SECONDS` through `var`; an unset or blank one keeps its default (A-07,
    /// X-03). Blanks around a number do not matter.
    ///
    /// # Errors
    ///
    /// [`RetryConfigError`] names every variable that is wrong, not only the first: text that is
    /// not a whole number in its range, text that is not Unicode, or a value that
    /// [`RetryConfigBuilder::build`] refuses.
    pub fn from_vars(
        var: impl FnMut(&'static str) -> Option<OsString>,
    ) -> Result<Self, RetryConfigError> {
        let mut vars = Vars {
            var,
            problems: Vec::new(),
        };
        let mut builder = Self::builder();
        let attempts = vars.number(MAX_ATTEMPTS, u32::MAX.into());
        builder.set(attempts, |config, number| {
            config.max_attempts = u32::try_from(number).unwrap_or(u32::MAX);
        });
        builder.set(vars.number(BASE_DELAY, u64::MAX), |config, number| {
            config.base_delay = Duration::from_millis(number);
        });
        builder.set(vars.number(MAX_DELAY, u64::MAX), |config, number| {
            config.max_delay = Duration::from_millis(number);
        });
        builder.set(vars.number(TIMEOUT, u64::MAX), |config, number| {
            config.timeout = Duration::from_secs(number);
        });
        vars.finish(builder.0)
    }

    /// Starts with these values.
    pub fn to_builder(&self) -> RetryConfigBuilder {
        RetryConfigBuilder(self.clone())
    }

    /// Changes the time that one try may take; [`RetryConfigBuilder::build`] checks it.
    pub fn with_timeout(self, timeout: Duration) -> RetryConfigBuilder {
        RetryConfigBuilder(self).with_timeout(timeout)
    }

    /// All tries, the first included.
    pub const fn max_attempts(&self) -> u32 {
        self.max_attempts
    }

    /// The shortest pause before the first repetition.
    pub const fn base_delay(&self) -> Duration {
        self.base_delay
    }

    /// The longest pause that the client chooses itself.
    pub const fn max_delay(&self) -> Duration {
        self.max_delay
    }

    /// The time that one try may take.
    pub const fn timeout(&self) -> Duration {
        self.timeout
    }

    /// The pauses between tries.
    pub fn backoff(&self) -> Backoff {
        Backoff::new(self.base_delay, self.max_delay)
    }
}

impl Default for RetryConfig {
    fn default() -> Self {
        Self {
            max_attempts: 3,
            base_delay: Duration::from_secs(1),
            max_delay: Duration::from_secs(30),
            timeout: Duration::from_secs(10),
        }
    }
}

/// A [`RetryConfig`] in the making: the setters take anything, [`build`](Self::build) checks (A-11).
#[derive(Clone, Debug)]
#[must_use]
pub struct RetryConfigBuilder(RetryConfig);

impl RetryConfigBuilder {
    /// All tries, the first included; the default is 3.
    pub fn with_max_attempts(mut self, max_attempts: u32) -> Self {
        self.0.max_attempts = max_attempts;
        self
    }

    /// The shortest pause before the first repetition; the default is 1 s.
    pub fn with_base_delay(mut self, base_delay: Duration) -> Self {
        self.0.base_delay = base_delay;
        self
    }

    /// The longest pause that the client chooses itself; the default is 30 s.
    pub fn with_max_delay(mut self, max_delay: Duration) -> Self {
        self.0.max_delay = max_delay;
        self
    }

    /// The time that one try may take; the default is 10 s.
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.0.timeout = timeout;
        self
    }

    /// The described configuration.
    ///
    /// # Errors
    ///
    /// [`RetryConfigError`] with every rule that the values break (A-09).
    pub fn build(self) -> Result<RetryConfig, RetryConfigError> {
        let broken: Vec<_> = rules(&self.0).map(|rule| rule.text.into()).collect();
        RetryConfigError::unless_empty(broken, self.0)
    }

    fn set(&mut self, number: Option<u64>, set: impl FnOnce(&mut RetryConfig, u64)) {
        if let Some(number) = number {
            set(&mut self.0, number);
        }
    }
}

/// What is wrong with a configuration; every problem is in it. No value is repeated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryConfigError(Vec<Cow<'static, str>>);

impl RetryConfigError {
    /// Each problem by itself, for whoever reports them with those of other settings.
    pub fn problems(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(AsRef::as_ref)
    }

    fn unless_empty(
        problems: Vec<Cow<'static, str>>,
        config: RetryConfig,
    ) -> Result<RetryConfig, Self> {
        if problems.is_empty() {
            return Ok(config);
        }
        Err(Self(problems))
    }
}

impl fmt::Display for RetryConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("; "))
    }
}

impl std::error::Error for RetryConfigError {}

struct Rule {
    variable: &'static str,
    text: &'static str,
}

/// The rules that the values break, in the order of A-09.
fn rules(config: &RetryConfig) -> impl Iterator<Item = Rule> {
    let checks = [
        (
            config.max_attempts > 0,
            MAX_ATTEMPTS,
            "max_attempts must be greater than 0",
        ),
        (
            !config.base_delay.is_zero(),
            BASE_DELAY,
            "base_delay_ms must be greater than 0",
        ),
        (
            config.max_delay >= config.base_delay,
            MAX_DELAY,
            "max_delay_ms must be greater than or equal to base_delay_ms",
        ),
        (
            !config.timeout.is_zero(),
            TIMEOUT,
            "timeout_seconds must be greater than 0",
        ),
    ];
    checks
        .into_iter()
        .filter(|(holds, ..)| !holds)
        .map(|(_, variable, text)| Rule { variable, text })
}

struct Vars<F> {
    var: F,
    problems: Vec<Cow<'static, str>>,
}

impl<F: FnMut(&'static str) -> Option<OsString>> Vars<F> {
    /// The number in a variable; `None` keeps the default, because it is unset or a problem.
    fn number(&mut self, name: &'static str, max: u64) -> Option<u64> {
        let value = (self.var)(name)?;
        let Some(text) = value.to_str() else {
            self.problem(name, max, ", but it is not Unicode");
            return None;
        };
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        let number = text.parse().ok().filter(|number| *number <= max);
        if number.is_none() {
            self.problem(name, max, "");
        }
        number
    }

    fn problem(&mut self, name: &str, max: u64, detail: &str) {
        let problem = format!("Invalid {name}: expected a whole number from 1 to {max}{detail}");
        self.problems.push(problem.into());
    }

    fn finish(mut self, config: RetryConfig) -> Result<RetryConfig, RetryConfigError> {
        for Rule { variable, text } in rules(&config) {
            self.problems
                .push(format!("Invalid {variable}: {text}").into());
        }
        RetryConfigError::unless_empty(self.problems, config)
    }
}

#[cfg(test)]
mod tests;
