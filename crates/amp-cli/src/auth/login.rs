//! `amp auth login`: credentials in, a kept token out.

use amp_client::ApiClient;
use token_manager::{Credentials, FixedCredentials};

use super::status;
use crate::cli::LoginArgs;
use crate::context::Context;
use crate::credentials::USERNAME;
use crate::error::Failure;
use crate::password;
use crate::session::Session;
use crate::settings::Settings;

/// Logs in, whatever is stored already. The password is kept nowhere. The embedded service accepts
/// everybody, so there nobody is asked for one.
pub(crate) async fn run(args: &LoginArgs, context: &Context) -> Result<(), Failure> {
    if context.globals.sandbox {
        let settings = Settings::read(context, None)?;
        let session = Session::open(settings, context, username(args, context)).await?;
        return log_in(&session, &session.client().await?, context).await;
    }
    let settings = Settings::read(context, missing(args, context))?;
    let username = username(args, context).unwrap_or_default();
    let password = password::read(&args.password, context)?;
    let session = Session::open(settings, context, Some(username.clone())).await?;
    let credentials = FixedCredentials::new(Credentials::new(username, password));
    log_in(&session, &session.client_with(credentials).await?, context).await
}

async fn log_in(session: &Session, client: &ApiClient, context: &Context) -> Result<(), Failure> {
    let before = session.place().load().await?.generation;
    session.within(client.obtain_token()).await?;
    session.place().check_stored_since(before).await?;
    session.place().remember_user()?;
    if session.place().kept().is_none() {
        let warning = "warning: the token is not kept and ends with this command";
        context.output.message(warning);
    }
    status::report("Logged in", session, client, context).await
}

fn username(args: &LoginArgs, context: &Context) -> Option<String> {
    let given = args.username.clone().filter(|name| !name.trim().is_empty());
    given.or_else(|| context.vars.text(USERNAME))
}

/// Everything that is missing, in one line each.
fn missing(args: &LoginArgs, context: &Context) -> Option<String> {
    let name = username(args, context)
        .is_none()
        .then(|| format!("{USERNAME} is not set; set it, or use --username"));
    let problems: Vec<_> = name
        .into_iter()
        .chain(password::missing(&args.password, context))
        .collect();
    (!problems.is_empty()).then(|| problems.join("\n"))
}
