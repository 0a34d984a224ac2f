//! The way to the service, and its clock beside ours.

use std::time::{Duration, SystemTime};

use amp_client::{Reply, Request};
use http::Method;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;
use token_core::Clock as _;
use token_manager::SystemClock;

use super::report::{Area, Report};
use crate::context::Context;
use crate::error::Failure;
use crate::session::Session;

/// The longest wait for the answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// What two clocks may differ: more makes tokens end too early or too late. `Date` has whole
/// seconds and the answer took its time.
const SLACK: Duration = Duration::from_secs(30);

/// The variables that lead through a proxy.
const PROXIES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

pub(super) async fn examine(session: &Session, context: &Context, report: &mut Report) {
    proxies(context, report);
    let asked = tokio::time::timeout(PATIENCE, ask(session)).await;
    let service = session.base_url();
    match asked {
        Ok(Ok(reply)) => {
            let status = reply.status();
            report.ok("service", format_args!("{service} answers ({status})"));
            clock(&reply, SystemClock::default().now().wall, report);
        }
        Ok(Err(failure)) => report.problem(
            Area::Network,
            "service",
            format_args!("{service}: {failure}"),
            "see that --base-url is right, the network is there, and what a proxy says",
        ),
        Err(_) => report.problem(
            Area::Network,
            "service",
            format_args!("{service} did not answer within {} s", PATIENCE.as_secs()),
            "see that the network is there, and what a proxy says",
        ),
    }
}

async fn ask(session: &Session) -> Result<Reply, Failure> {
    let request = Request::raw(Method::GET, "/info")
        .map_err(|error| Failure::unexpected(error.to_string()))?;
    let client = session.client_without_store().await?;
    Ok(client.request(&request.without_token()).await?)
}

/// Names only: a proxy's address may hold a password.
fn proxies(context: &Context, report: &mut Report) {
    let set = PROXIES.into_iter().find(|name| context.vars.has(name));
    match set {
        Some(name) => {
            let except = ["NO_PROXY", "no_proxy"];
            let except = except.into_iter().find(|name| context.vars.has(name));
            let except = except.map_or_else(String::new, |name| format!(", except for {name}"));
            report.ok("proxy", format_args!("the one that {name} names{except}"));
        }
        None => report.ok("proxy", "none"),
    }
}

fn clock(reply: &Reply, now: SystemTime, report: &mut Report) {
    let date = reply.headers().get(http::header::DATE);
    let date = date.and_then(|date| OffsetDateTime::parse(date.to_str().ok()?, &Rfc2822).ok());
    match date {
        Some(date) => compare("clock", "the service", date.into(), now, report),
        None => report.warning(
            "clock",
            "the service does not tell its time",
            "see that the clock is right: timedatectl",
        ),
    }
}

/// Says how far our clock is from that of `whose`.
pub(super) fn compare(
    check: &'static str,
    whose: &str,
    theirs: SystemTime,
    ours: SystemTime,
    report: &mut Report,
) {
    let (word, apart) = match ours.duration_since(theirs) {
        Ok(ahead) => ("ahead of", ahead),
        Err(behind) => ("behind", behind.duration()),
    };
    let apart_seconds = apart.as_secs();
    let detail = format!("ours is {apart_seconds} s {word} that of {whose}");
    if apart > SLACK {
        let fix = "set the clock: timedatectl set-ntp true";
        report.problem(Area::Network, check, detail, fix);
    } else {
        report.ok(check, detail);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_more_than_half_a_minute_off_is_a_problem_and_it_says_which_way() {
        let service = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let secs = Duration::from_secs;
        for (ours, told) in [
            (service, "Ok: ours is 0 s ahead of that of the service"),
            (
                service + secs(30),
                "Ok: ours is 30 s ahead of that of the service",
            ),
            (
                service - secs(30),
                "Ok: ours is 30 s behind that of the service",
            ),
            (
                service + secs(31),
                "Problem: ours is 31 s ahead of that of the service",
            ),
            (
                service - secs(31),
                "Problem: ours is 31 s behind that of the service",
            ),
        ] {
            let mut report = Report::default();
            compare("clock", "the service", service, ours, &mut report);
            assert_eq!(report.told(), [format!("clock {told}")]);
        }
    }
}
