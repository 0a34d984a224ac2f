//! Assignments.

use amp_api::{Assignment, AssignmentFilter, CreateAssignment};

use crate::batch::{Batch, BatchError, BatchProgress};
use crate::client::ApiClient;
use crate::error::Error;

impl ApiClient {
    /// All assignments of an asset.
    ///
    /// # Errors
    ///
    /// Why there is no answer; an empty id is refused before anything is sent.
    pub async fn get_asset_assignments(&self, asset_uuid: &str) -> Result<Vec<Assignment>, Error> {
        self.find_asset_assignments(asset_uuid, AssignmentFilter::All)
            .await
    }

    /// The assignments of an asset that were handed out, or those that were not.
    ///
    /// # Errors
    ///
    /// Why there is no answer; an empty id is refused before anything is sent.
    pub async fn find_asset_assignments(
        &self,
        asset_uuid: &str,
        filter: AssignmentFilter,
    ) -> Result<Vec<Assignment>, Error> {
        self.send(&Assignment::list(asset_uuid, filter)?).await
    }

    /// One assignment.
    ///
    /// # Errors
    ///
    /// Why there is no answer; an empty id is refused before anything is sent.
    pub async fn get_asset_assignment(
        &self,
        asset_uuid: &str,
        assignment_id: i64,
    ) -> Result<Assignment, Error> {
        self.send(&Assignment::get(asset_uuid, assignment_id)?)
            .await
    }

    /// Creates assignments: one request for each, in this order, until one fails.
    ///
    /// # Errors
    ///
    /// What was created by then, which one failed and why, and which were not tried (W-A24). An empty
    /// list, or an amount that cannot exist, is refused before anything is sent.
    ///
    /// # Cancel safety
    ///
    /// What was created stays, and the one under way may have happened. Take
    /// [`create_asset_assignments_with`](Self::create_asset_assignments_with) to hear of each.
    pub async fn create_asset_assignments(
        &self,
        asset_uuid: &str,
        assignments: &[CreateAssignment],
    ) -> Result<Vec<Assignment>, BatchError<Assignment>> {
        self.create_asset_assignments_with(asset_uuid, assignments, |_| ())
            .await
    }

    /// The same, and `observe` hears of each assignment as soon as it is there, for a progress bar or
    /// a journal.
    ///
    /// # Errors
    ///
    /// As [`create_asset_assignments`](Self::create_asset_assignments).
    ///
    /// # Cancel safety
    ///
    /// What was created stays, and was observed; the one under way may have happened.
    pub async fn create_asset_assignments_with(
        &self,
        asset_uuid: &str,
        assignments: &[CreateAssignment],
        mut observe: impl FnMut(BatchProgress<'_, Assignment>) + Send,
    ) -> Result<Vec<Assignment>, BatchError<Assignment>> {
        let mut batch = Batch::of(assignments.len());
        let calls = match CreateAssignment::calls(asset_uuid, assignments) {
            Ok(calls) => calls,
            Err(error) => return Err(batch.failed(error.into())),
        };
        for call in &calls {
            match self.send(call).await {
                Ok(created) => observe(batch.finish(created)),
                Err(error) => return Err(batch.failed(error)),
            }
        }
        Ok(batch.into_done())
    }

    /// Deletes an assignment that was not handed out.
    ///
    /// # Errors
    ///
    /// Why there is no answer; an empty id is refused before anything is sent.
    pub async fn delete_asset_assignment(
        &self,
        asset_uuid: &str,
        assignment_id: i64,
    ) -> Result<(), Error> {
        self.send(&Assignment::delete(asset_uuid, assignment_id)?)
            .await
    }

    /// Locks an assignment, so that no distribution takes it. Locking twice is locking once.
    ///
    /// # Errors
    ///
    /// Why there is no answer; an empty id is refused before anything is sent.
    pub async fn lock_asset_assignment(
        &self,
        asset_uuid: &str,
        assignment_id: i64,
    ) -> Result<Assignment, Error> {
        self.send(&Assignment::lock(asset_uuid, assignment_id)?)
            .await
    }

    /// Unlocks an assignment. Unlocking twice is unlocking once.
    ///
    /// # Errors
    ///
    /// Why there is no answer; an empty id is refused before anything is sent.
    pub async fn unlock_asset_assignment(
        &self,
        asset_uuid: &str,
        assignment_id: i64,
    ) -> Result<Assignment, Error> {
        self.send(&Assignment::unlock(asset_uuid, assignment_id)?)
            .await
    }
}
