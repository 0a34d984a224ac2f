//! The text form of a fault: `[METHOD ][/path=]KIND[:ARG][*COUNT|*always|*PERCENT%]`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::{ErrorPage, Fault, FaultKind, RetryAfter, Skew, Times, Timing};

#[cfg(test)]
mod tests;

/// Above every limit that a client sets: twice the 16 MiB it accepts from the service.
const OVERSIZED: u64 = 32 * 1024 * 1024;

const KINDS: &str = "latency:200ms, 500..599[-after][:html|:json], 429[:SECONDS|:date:SECONDS], reset[-after], \
                     half-body, stall[-after], truncated-json, html, clock:+1h, clock:-1h, oversized[:BYTES]";

/// A text is not a fault; the message says which part and what is accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("invalid fault {text:?}: {reason}")]
pub struct ParseFaultError {
    text: String,
    reason: String,
}

impl FromStr for Fault {
    type Err = ParseFaultError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse(text.trim()).map_err(|reason| ParseFaultError {
            text: text.trim().to_owned(),
            reason,
        })
    }
}

/// A fault that was read is written in a form that reads back as the same fault.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(method) = &self.method {
            write!(f, "{method} ")?;
        }
        if let Some(path) = &self.path {
            write!(f, "{path}=")?;
        }
        write!(f, "{}", self.kind)?;
        match self.times {
            Times::Left(1) => Ok(()),
            Times::Left(count) => write!(f, "*{count}"),
            Times::Always => write!(f, "*always"),
            Times::Percent(percent) => write!(f, "*{percent}%"),
        }
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Latency(delay) => write!(f, "latency:{}ms", delay.as_millis()),
            Self::WrongClock(Skew::Ahead(by)) => write!(f, "clock:+{}ms", by.as_millis()),
            Self::WrongClock(Skew::Behind(by)) => write!(f, "clock:-{}ms", by.as_millis()),
            Self::ServerError {
                status,
                body: ErrorPage::Html,
                timing,
            } => write!(f, "{status}{}", suffix(*timing)),
            Self::ServerError {
                status,
                body: ErrorPage::Json,
                timing,
            } => {
                write!(f, "{status}{}:json", suffix(*timing))
            }
            Self::Throttled(RetryAfter::Missing) => f.write_str("429"),
            Self::Throttled(RetryAfter::Seconds(seconds)) => write!(f, "429:{seconds}"),
            Self::Throttled(RetryAfter::Date(seconds)) => write!(f, "429:date:{seconds}"),
            Self::Reset(timing) => write!(f, "reset{}", suffix(*timing)),
            Self::HalfBody => f.write_str("half-body"),
            Self::Stall(timing) => write!(f, "stall{}", suffix(*timing)),
            Self::TruncatedJson => f.write_str("truncated-json"),
            Self::HtmlPage => f.write_str("html"),
            Self::Oversized(bytes) => write!(f, "oversized:{bytes}"),
        }
    }
}

fn suffix(timing: Timing) -> &'static str {
    match timing {
        Timing::Before => "",
        Timing::After => "-after",
    }
}

fn parse(text: &str) -> Result<Fault, String> {
    let (method, path, fault) = split_filter(text)?;
    let (kind, times) = match fault.split_once('*') {
        Some((kind, count)) => (kind, parse_times(count)?),
        None => (fault, Times::Left(1)),
    };
    let kind = parse_kind(kind)?;
    Ok(Fault {
        method,
        path,
        kind,
        times,
    })
}

/// Splits off the method and the path, which are both optional.
fn split_filter(text: &str) -> Result<(Option<String>, Option<String>, &str), String> {
    let (rest, fault) = match text.split_once('=') {
        Some((filter, fault)) => (Some(filter), fault),
        None => (None, text),
    };
    let (method, path, fault) = match rest {
        Some(filter) => match filter.split_once(' ') {
            Some((method, path)) => (Some(method), Some(path.trim_start()), fault),
            None => (None, Some(filter), fault),
        },
        None => match fault.split_once(' ') {
            Some((method, fault)) => (Some(method), None, fault.trim_start()),
            None => (None, None, fault),
        },
    };
    Ok((
        method.map(parse_method).transpose()?,
        path.map(parse_path).transpose()?,
        fault,
    ))
}

fn parse_method(method: &str) -> Result<String, String> {
    if method.is_empty() || !method.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Err(format!(
            "{method:?} is not a method in capitals, such as POST"
        ));
    }
    Ok(method.to_owned())
}

fn parse_path(path: &str) -> Result<String, String> {
    if !path.starts_with('/') {
        return Err(format!("the path {path:?} has to start with /"));
    }
    if path.starts_with("/api/") {
        return Err(format!(
            "the path {path:?} is relative to /api, so leave /api out"
        ));
    }
    Ok(path.to_owned())
}

fn parse_times(count: &str) -> Result<Times, String> {
    if count == "always" {
        return Ok(Times::Always);
    }
    if let Some(percent) = count.strip_suffix('%') {
        return match percent.parse() {
            Ok(percent @ 0..=100) => Ok(Times::Percent(percent)),
            _ => Err(format!(
                "{count:?} is not a whole number of percent, up to 100"
            )),
        };
    }
    let wrong =
        |_| format!("the count {count:?} is neither a whole number, a percentage nor `always`");
    count.parse().map(Times::Left).map_err(wrong)
}

fn parse_kind(text: &str) -> Result<FaultKind, String> {
    let (name, argument) = match text.split_once(':') {
        Some((name, argument)) => (name, Some(argument)),
        None => (text, None),
    };
    if let Some(kind) = kind_without_argument(name) {
        return match argument {
            None => Ok(kind),
            Some(argument) => Err(format!("{name} takes no argument, not {argument:?}")),
        };
    }
    match (name, argument) {
        ("latency", Some(delay)) => parse_duration(delay).map(FaultKind::Latency),
        ("latency", None) => Err("latency needs a duration, such as latency:200ms".to_owned()),
        ("clock", skew) => parse_skew(skew.unwrap_or_default()).map(FaultKind::WrongClock),
        ("429", argument) => parse_retry_after(argument).map(FaultKind::Throttled),
        ("oversized", None) => Ok(FaultKind::Oversized(OVERSIZED)),
        ("oversized", Some(bytes)) => parse_number(bytes, "bytes").map(FaultKind::Oversized),
        (name, page) => parse_server_error(name, page),
    }
}

fn kind_without_argument(name: &str) -> Option<FaultKind> {
    Some(match name {
        "reset" => FaultKind::Reset(Timing::Before),
        "reset-after" => FaultKind::Reset(Timing::After),
        "stall" => FaultKind::Stall(Timing::Before),
        "stall-after" => FaultKind::Stall(Timing::After),
        "half-body" => FaultKind::HalfBody,
        "truncated-json" => FaultKind::TruncatedJson,
        "html" => FaultKind::HtmlPage,
        _ => return None,
    })
}

fn parse_server_error(name: &str, page: Option<&str>) -> Result<FaultKind, String> {
    let (status, timing) = match name.strip_suffix("-after") {
        Some(status) => (status, Timing::After),
        None => (name, Timing::Before),
    };
    let status = match status.parse() {
        Ok(status @ 500..=599) => status,
        _ => return Err(format!("unknown kind {name:?}; known are {KINDS}")),
    };
    let body = match page {
        None | Some("html") => ErrorPage::Html,
        Some("json") => ErrorPage::Json,
        Some(other) => {
            return Err(format!(
                "the body of a {status} is html or json, not {other:?}"
            ));
        }
    };
    Ok(FaultKind::ServerError {
        status,
        body,
        timing,
    })
}

fn parse_retry_after(argument: Option<&str>) -> Result<RetryAfter, String> {
    match argument.map(|argument| (argument, argument.strip_prefix("date:"))) {
        None => Ok(RetryAfter::Missing),
        Some((_, Some(seconds))) => parse_number(seconds, "seconds").map(RetryAfter::Date),
        Some((seconds, None)) => parse_number(seconds, "seconds").map(RetryAfter::Seconds),
    }
}

fn parse_skew(text: &str) -> Result<Skew, String> {
    if let Some(by) = text.strip_prefix('+') {
        return parse_duration(by).map(Skew::Ahead);
    }
    if let Some(by) = text.strip_prefix('-') {
        return parse_duration(by).map(Skew::Behind);
    }
    Err("clock needs + or - and a duration, such as clock:-1h".to_owned())
}

fn parse_duration(text: &str) -> Result<Duration, String> {
    let unit_at = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(unit_at);
    let milliseconds_per_unit: u64 = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => {
            return Err(format!(
                "the duration {text:?} is not a number with ms, s, m or h, such as 200ms"
            ));
        }
    };
    let milliseconds = parse_number(number, unit)?.saturating_mul(milliseconds_per_unit);
    Ok(Duration::from_millis(milliseconds))
}

fn parse_number(text: &str, what: &str) -> Result<u64, String> {
    text.parse()
        .map_err(|_| format!("{text:?} is not a whole number of {what}"))
}
