//! `amp auth`: the token and its login.

pub(crate) mod change_password;
mod login;
mod migrate;
mod rotate_key;
mod status;

use crate::cli::AuthCommand;
use crate::context::Context;
use crate::error::Failure;
use crate::interrupt::or_interrupted;
use crate::session::Session;
use crate::settings::Settings;

/// Runs one of the commands.
pub(crate) async fn run(command: AuthCommand, context: &Context) -> Result<(), Failure> {
    match command {
        AuthCommand::Login(args) => or_interrupted(login::run(&args, context)).await,
        AuthCommand::Status => or_interrupted(status::run(context)).await,
        AuthCommand::Token => token(context).await,
        AuthCommand::Refresh => or_interrupted(refresh(context)).await,
        AuthCommand::Logout => or_interrupted(logout(context)).await,
        AuthCommand::ChangePassword(args) => change_password::run(&args, context).await,
        AuthCommand::Migrate(args) => or_interrupted(migrate::run(&args, context)).await,
        AuthCommand::RotateKey(args) => or_interrupted(rotate_key::run(&args, context)).await,
    }
}

/// Prints a usable token and a line end, and nothing else.
async fn token(context: &Context) -> Result<(), Failure> {
    let settings = Settings::read_for_token(context)?;
    let (session, client) = or_interrupted(Session::with_client(settings, context)).await?;
    let token = or_interrupted(session.within(client.get_token())).await?;
    let printed = context
        .output
        .bytes(&[token.expose_secret().as_bytes(), b"\n"]);
    session.close_after(&printed, &client).await;
    printed
}

async fn refresh(context: &Context) -> Result<(), Failure> {
    let session = Session::open(Settings::read_for_token(context)?, context, None).await?;
    let before = session.place().load().await?.generation;
    let client = session.client().await?;
    session.within(client.refresh_token()).await?;
    session.place().check_stored_since(before).await?;
    status::report("Renewed the token", &session, &client, context).await
}

async fn logout(context: &Context) -> Result<(), Failure> {
    let session = Session::open(Settings::read(context, None)?, context, None).await?;
    if session.place().kept().is_none() {
        context.output.message("Nobody is logged in");
        return Ok(());
    }
    let client = session.client().await?;
    client.clear_token().await?;
    session.place().forget_user()?;
    let (user, service) = (
        session.place().user().unwrap_or_default(),
        session.base_url(),
    );
    context
        .output
        .message(format_args!("Forgot the token of {user} at {service}"));
    Ok(())
}
