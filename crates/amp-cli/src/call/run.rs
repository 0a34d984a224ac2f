//! From a wish to its answer.

use amp_api::Auth;
use clap::Args;

use super::{Wish, confirm, dry_run};
use crate::context::Context;
use crate::error::Failure;
use crate::interrupt::or_interrupted;
use crate::session::Session;
use crate::settings::Settings;

/// Flags of every command that sends something of its own.
#[derive(Clone, Copy, Debug, Default, Args)]
#[command(next_help_heading = "Options of what is sent")]
pub(crate) struct Sending {
    /// Do not ask before what spends money or cannot be undone
    #[arg(short, long, global = true)]
    pub(crate) yes: bool,
    /// Print the request, with secrets hidden, and send nothing
    #[arg(long, global = true)]
    pub(crate) dry_run: bool,
}

/// Sends the wish and shows its answer, or shows what would be sent.
pub(crate) async fn run(wish: Wish, sending: Sending, context: &Context) -> Result<(), Failure> {
    if sending.dry_run {
        return dry_run::print(wish.requests(), context);
    }
    let settings = match wish
        .requests()
        .iter()
        .all(|request| request.auth() == Auth::None)
    {
        true => Settings::read(context, None)?,
        false => Settings::read_for_token(context)?,
    };
    // Nothing was awaited yet, so an interrupt still ends whoever is asked.
    confirm::confirm(wish.risk(), sending, &settings)?;
    let (session, client) = or_interrupted(Session::with_client(settings, context)).await?;
    let work = wish.send(client.clone(), session.progress());
    let answer = session.during(work).await;
    // Before anything else can end the command: what was done must not go untold.
    let printed = answer.and_then(|reveal| reveal(&context.output));
    session.close_after(&printed, &client).await;
    printed
}
