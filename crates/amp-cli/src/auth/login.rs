//! `amp auth login`: credentials in, a kept token out.

use token_manager::{Credentials, FixedCredentials};

use super::status;
use crate::cli::LoginArgs;
use crate::context::Context;
use crate::credentials::USERNAME;
use crate::error::Failure;
use crate::password;
use crate::session::Session;
use crate::settings::{Keeps, Settings};

/// Logs in, whatever is stored already. The password is kept nowhere.
pub(crate) async fn run(args: &LoginArgs, context: &Context) -> Result<(), Failure> {
    if context.globals.sandbox {
        return at_the_sandbox(args, context).await;
    }
    let settings = Settings::read(context, missing(args, context))?;
    let username = username(args, context).unwrap_or_default();
    let password = password::read(args, context)?;
    let session = Session::open(settings, context, Some(username.clone())).await?;
    let credentials = FixedCredentials::new(Credentials::new(username, password));
    log_in(&session, credentials, context).await
}

/// The embedded service accepts everybody, so nobody is asked for a password.
#[cfg(feature = "sandbox")]
async fn at_the_sandbox(args: &LoginArgs, context: &Context) -> Result<(), Failure> {
    let settings = Settings::read(context, None)?;
    let credentials = crate::sandbox::credentials();
    let session = Session::open(settings, context, username(args, context)).await?;
    log_in(&session, credentials, context).await
}

#[cfg(not(feature = "sandbox"))]
async fn at_the_sandbox(_args: &LoginArgs, _context: &Context) -> Result<(), Failure> {
    Err(Failure::built_without("the sandbox"))
}

async fn log_in(
    session: &Session,
    credentials: FixedCredentials,
    context: &Context,
) -> Result<(), Failure> {
    let before = session.stored().await?.generation;
    let client = session.client_with(credentials).await?;
    session.within(client.obtain_token()).await?;
    session.check_stored_since(before).await?;
    session.remember_user()?;
    if session.file().is_none() && session.keeps() == Keeps::Nothing {
        context
            .output
            .message("warning: the token is not kept and ends with this command");
    }
    status::report("Logged in", session, &client, context).await
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
        .chain(password::missing(args, context))
        .collect();
    (!problems.is_empty()).then(|| problems.join("\n"))
}
