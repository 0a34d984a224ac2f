//! `amp users`: registered users, whom assets may be sent to.

mod columns;

use amp_api::{AddRegisteredUser, EditRegisteredUser, RegisteredUser, RegisteredUserSummary};
use clap::{Args, Subcommand};

use super::Verb;
use crate::call::Wish;
use crate::error::Failure;

/// What to do when nobody knows whether the user exists now.
const LOOK_FIRST: &str = "The user may exist now. Look for it with `amp users list` before you \
                          create it again.";

#[derive(Debug, Subcommand)]
pub(crate) enum UsersVerb {
    /// All registered users
    List,
    /// One registered user
    Get(UserId),
    /// Make a registered user
    Create(CreateArgs),
    /// Rename a registered user
    Edit(EditArgs),
    /// Delete a registered user, which must be in no category
    Delete(UserId),
    /// What a user holds and was given, asset by asset
    Summary(UserId),
    /// The GAIDs of a user
    Gaids(UserId),
    /// Give a user one more GAID
    AddGaid(GaidArgs),
    /// Make one of the GAIDs of a user the default
    SetDefaultGaid(GaidArgs),
    /// Put a user in several categories; the service may not have this any more, see `categories`
    AddCategories(CategoriesArgs),
    /// Take a user out of several categories; the service may not have this any more
    RemoveCategories(CategoriesArgs),
}

#[derive(Debug, Args)]
pub(crate) struct UserId {
    /// The id of the user
    user_id: i64,
}

#[derive(Debug, Args)]
pub(crate) struct CreateArgs {
    /// The name: 1 to 255 characters
    #[arg(long)]
    name: String,
    /// The first GAID
    #[arg(long)]
    gaid: Option<String>,
    /// It is a company
    #[arg(long)]
    company: bool,
}

#[derive(Debug, Args)]
pub(crate) struct EditArgs {
    #[command(flatten)]
    user: UserId,
    /// The new name
    #[arg(long)]
    name: String,
}

#[derive(Debug, Args)]
pub(crate) struct GaidArgs {
    #[command(flatten)]
    user: UserId,
    /// The GAID
    gaid: String,
}

#[derive(Debug, Args)]
pub(crate) struct CategoriesArgs {
    #[command(flatten)]
    user: UserId,
    /// The ids of the categories
    #[arg(required = true)]
    category_ids: Vec<i64>,
}

impl Verb for UsersVerb {
    fn wish(self) -> Result<Wish, Failure> {
        match self {
            Self::List => Wish::list(RegisteredUser::list()),
            Self::Get(user) => Wish::thing(RegisteredUser::get(user.user_id)),
            Self::Create(args) => Ok(Wish::thing(args.user().call())?.in_doubt(LOOK_FIRST)),
            Self::Edit(args) => {
                let name = Some(args.name);
                Wish::thing(EditRegisteredUser { name }.call(args.user.user_id))
            }
            Self::Delete(user) => delete(user.user_id),
            Self::Summary(user) => Wish::list(RegisteredUserSummary::get(user.user_id)),
            Self::Gaids(user) => Wish::lines(RegisteredUser::gaids(user.user_id)),
            Self::AddGaid(args) => {
                let (user, gaid) = (args.user.user_id, args.gaid);
                let call = RegisteredUser::add_gaid(user, &gaid);
                Wish::done(call, format!("Gave user {user} the GAID {gaid}"))
            }
            Self::SetDefaultGaid(args) => {
                let (user, gaid) = (args.user.user_id, args.gaid);
                let call = RegisteredUser::set_default_gaid(user, &gaid);
                Wish::done(call, format!("{gaid} is the default GAID of user {user}"))
            }
            Self::AddCategories(args) => {
                let user = args.user.user_id;
                let call = RegisteredUser::add_categories(user, &args.category_ids);
                Wish::done(call, format!("Put user {user} in the categories"))
            }
            Self::RemoveCategories(args) => {
                let user = args.user.user_id;
                let call = RegisteredUser::remove_categories(user, &args.category_ids);
                Wish::done(call, format!("Took user {user} out of the categories"))
            }
        }
    }
}

fn delete(user: i64) -> Result<Wish, Failure> {
    let wish = Wish::done(RegisteredUser::delete(user), format!("Deleted user {user}"))?;
    Ok(wish.asking(format!("This deletes the registered user {user}.")))
}

impl CreateArgs {
    fn user(self) -> AddRegisteredUser {
        AddRegisteredUser {
            name: self.name,
            gaid: self.gaid,
            is_company: self.company.then_some(true),
        }
    }
}
