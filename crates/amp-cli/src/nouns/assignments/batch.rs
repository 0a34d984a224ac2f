//! Creating many assignments, and saying what was done when that ends in the middle.

use amp_api::{Assignment, CreateAssignment};
use amp_client::{ApiClient, BatchProgress};
use serde::Serialize;

use crate::call::{Reveal, Wish};
use crate::error::Failure;
use crate::interrupt::or_interrupted;
use crate::output::Output;
use crate::waiting::Progress;

/// What came of a batch. The names are part of the contract.
#[derive(Debug, Serialize)]
struct Outcome {
    created: Vec<Assignment>,
    failed: Option<Failed>,
    not_tried: Vec<CreateAssignment>,
}

/// The one at which the batch ended.
#[derive(Debug, Serialize)]
struct Failed {
    /// Its place in the batch, counted from 0.
    index: usize,
    assignment: CreateAssignment,
    /// Whether it may have been created all the same.
    may_exist: bool,
    message: String,
}

/// Creates them in order, and ends at the first that fails.
pub(super) fn wish(asset: &str, batch: Vec<CreateAssignment>) -> Result<Wish, Failure> {
    let calls = CreateAssignment::calls(asset, &batch)?;
    let requests = calls.iter().map(|call| call.request().clone()).collect();
    let asset = asset.to_owned();
    Ok(Wish::new(requests, move |client, progress| async move {
        let (outcome, failure) = create(&client, &asset, &batch, &progress).await;
        Ok(Box::new(move |output: &Output| show(&asset, &outcome, failure, output)) as Reveal)
    }))
}

/// An interrupt ends it between two requests or in the middle of one, and is a failure like others:
/// what was created must not go untold.
async fn create(
    client: &ApiClient,
    asset: &str,
    batch: &[CreateAssignment],
    progress: &Progress,
) -> (Outcome, Option<Failure>) {
    let (mut created, mut finished) = (Vec::new(), 0);
    progress.batch("assignments", 0, batch.len());
    let observe = |step: BatchProgress<'_, Assignment>| {
        created.extend_from_slice(step.latest);
        finished = step.finished;
        progress.batch("assignments", step.finished, step.total);
    };
    let work = async {
        let answer = client.create_asset_assignments_with(asset, batch, observe);
        answer.await.map_err(|error| Failure::from(error.error()))
    };
    let failure = or_interrupted(work).await.err();
    let outcome = Outcome {
        failed: failure.as_ref().map(|failure| Failed {
            index: finished,
            assignment: batch[finished],
            may_exist: failure.is_in_doubt(),
            message: failure.to_string(),
        }),
        not_tried: batch.get(finished + 1..).unwrap_or_default().to_vec(),
        created,
    };
    (outcome, failure)
}

fn show(
    asset: &str,
    outcome: &Outcome,
    failure: Option<Failure>,
    output: &Output,
) -> Result<(), Failure> {
    let printed = match output.is_json() {
        true => output.value(outcome),
        false => output.list(&outcome.created),
    };
    // The list is behind what was printed, or would have been: the end of the batch comes first.
    match (failure, printed) {
        (None, printed) => printed.map_err(|failure| {
            let ids: Vec<_> = outcome.created.iter().map(|one| one.id).collect();
            failure.with_hint(format_args!("The assignments were created: {ids:?}"))
        }),
        (Some(failure), _) => Err(failure.with_hint(outcome.text(asset))),
    }
}

impl Outcome {
    /// What was done, what may have been done, and what was not tried.
    fn text(&self, asset: &str) -> String {
        let Some(failed) = &self.failed else {
            return String::new();
        };
        let CreateAssignment {
            registered_user,
            amount,
            ..
        } = failed.assignment;
        let place = failed.index + 1;
        let doubt = match failed.may_exist {
            true => format!(
                "may exist now: look with `amp assignments list {asset}` before you create it again"
            ),
            false => "was not created".to_owned(),
        };
        format!(
            "{} created; number {place} ({amount} units for user {registered_user}) {doubt}; {} not tried",
            self.created.len(),
            self.not_tried.len()
        )
    }
}
