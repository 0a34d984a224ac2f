//! `amp assignments`: who shall receive how much of an asset with the next distribution.

mod batch;
mod columns;

use amp_api::{Assignment, AssignmentFilter, CreateAssignment};
use clap::{Args, Subcommand};

use super::Verb;
use crate::call::Wish;
use crate::data;
use crate::error::Failure;

#[derive(Debug, Subcommand)]
pub(crate) enum AssignmentsVerb {
    /// The assignments of an asset
    List(ListArgs),
    /// One assignment
    Get(AssignmentId),
    /// Create assignments: one from flags, or many from a file, one request for each
    Create(CreateArgs),
    /// Delete an assignment that was not handed out
    Delete(AssignmentId),
    /// Lock an assignment, so that no distribution takes it
    Lock(AssignmentId),
    /// Unlock an assignment
    Unlock(AssignmentId),
}

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// The service's id of the asset
    asset_uuid: String,
    /// Only those that were handed out
    #[arg(long, conflicts_with = "open")]
    distributed: bool,
    /// Only those that were not handed out yet
    #[arg(long)]
    open: bool,
}

#[derive(Debug, Args)]
pub(crate) struct AssignmentId {
    /// The service's id of the asset
    asset_uuid: String,
    /// The id of the assignment
    assignment_id: i64,
}

#[derive(Debug, Args)]
#[group(id = "assignment")]
pub(crate) struct CreateArgs {
    /// The service's id of the asset
    asset_uuid: String,
    /// A list of assignments as JSON instead of flags: a text, @FILE, or - for stdin
    #[arg(long, value_name = "JSON|@FILE|-", conflicts_with_all = ["user", "amount", "ready", "vesting_timestamp"])]
    data: Option<String>,
    /// The id of the registered user
    #[arg(long, value_name = "USER_ID", required_unless_present = "data")]
    user: Option<i64>,
    /// The number of units
    #[arg(long, required_unless_present = "data")]
    amount: Option<i64>,
    /// The next distribution may take it
    #[arg(long)]
    ready: bool,
    /// When it vests, in seconds since 1970 [default: at once]
    #[arg(long, value_name = "SECONDS")]
    vesting_timestamp: Option<i64>,
}

impl Verb for AssignmentsVerb {
    fn wish(self) -> Result<Wish, Failure> {
        match self {
            Self::List(args) => Wish::list(Assignment::list(&args.asset_uuid, args.filter())),
            Self::Get(id) => Wish::thing(Assignment::get(&id.asset_uuid, id.assignment_id)),
            Self::Create(args) => batch::wish(&args.asset_uuid, args.assignments()?),
            Self::Delete(id) => delete(&id),
            Self::Lock(id) => Wish::thing(Assignment::lock(&id.asset_uuid, id.assignment_id)),
            Self::Unlock(id) => Wish::thing(Assignment::unlock(&id.asset_uuid, id.assignment_id)),
        }
    }
}

fn delete(id: &AssignmentId) -> Result<Wish, Failure> {
    let (asset, assignment) = (&id.asset_uuid, id.assignment_id);
    let done = format!("Deleted assignment {assignment}");
    let wish = Wish::done(Assignment::delete(asset, assignment), done)?;
    Ok(wish.asking(format!(
        "This deletes the assignment {assignment} of the asset {asset}."
    )))
}

impl ListArgs {
    const fn filter(&self) -> AssignmentFilter {
        match (self.distributed, self.open) {
            (true, _) => AssignmentFilter::Distributed,
            (_, true) => AssignmentFilter::Open,
            _ => AssignmentFilter::All,
        }
    }
}

impl CreateArgs {
    /// A flag that can only say yes is left to the service where it is not given.
    fn assignments(&self) -> Result<Vec<CreateAssignment>, Failure> {
        if let Some(data) = &self.data {
            return data::json("--data", data, "a list of assignments");
        }
        Ok(vec![CreateAssignment {
            registered_user: self.user.unwrap_or_default(),
            amount: self.amount.unwrap_or_default(),
            vesting_timestamp: self.vesting_timestamp,
            ready_for_distribution: self.ready.then_some(true),
        }])
    }
}
