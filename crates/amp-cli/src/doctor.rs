//! `amp doctor`: what is wrong, and what to do about it.

mod network;
mod redis;
mod report;
mod storage;

use crate::context::Context;
use crate::error::Failure;
use crate::profile::PROFILE;
use crate::session::Session;
use crate::settings::Settings;

use self::report::Report;

/// Examines everything that a command relies on. Nothing is changed but what every command does
/// to a token file that may not be used, and the lease on Redis is taken and given back; the
/// service is asked once, without a token.
pub(crate) async fn run(context: &Context) -> Result<(), Failure> {
    let settings = Settings::read(context, None)?;
    let session = Session::prepare(settings, context, None).await?;
    let mut report = Report::default();
    let profile = context.globals.profile.clone();
    match profile.or_else(|| context.vars.text(PROFILE)) {
        Some(name) => report.ok("profile", name),
        None => report.ok("profile", "none"),
    }
    storage::examine_all(&session, context, &mut report).await;
    network::examine(&session, context, &mut report).await;
    report.print(context)
}
