//! `amp auth change-password`: a new password, and the token that comes with it.

use amp_api::ChangedPassword;
use clap::Args;

use crate::call::{self, Reveal, Sending, Wish};
use crate::context::Context;
use crate::error::Failure;
use crate::output::Output;
use crate::password::{self, PasswordArgs};

/// What to do when nobody knows which password counts.
const TRY_BOTH: &str = "The new password may count already: try `amp auth login` with it first.";

#[derive(Debug, Args)]
pub(crate) struct ChangePasswordArgs {
    #[command(flatten)]
    password: PasswordArgs,
    #[command(flatten)]
    sending: Sending,
}

/// Changes the password of whoever is logged in. The token that the service answers with takes the
/// place of the stored one.
pub(super) async fn run(args: &ChangePasswordArgs, context: &Context) -> Result<(), Failure> {
    call::run(wish(args)?, args.sending, context).await
}

pub(crate) fn wish(args: &ChangePasswordArgs) -> Result<Wish, Failure> {
    let password = password::read_new(&args.password)?;
    let request = ChangedPassword::of_caller(&password)?.request().clone();
    let wish = Wish::new(vec![request], move |client, _| async move {
        client.user_change_password(password).await?;
        let done = "Changed the password; the token that came with it is in use";
        Ok(Box::new(move |output: &Output| output.done(done)) as Reveal)
    });
    Ok(wish.in_doubt(TRY_BOTH))
}
