//! Assignments.

use amp_api::{Assignment, AssignmentFilter, CreateAssignment, operations};

use super::ASSET;
use crate::case::Case;

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case::new(
            &operations::LIST_ASSIGNMENTS,
            Assignment::list(ASSET, AssignmentFilter::Distributed),
        )
        .or(Assignment::list(ASSET, AssignmentFilter::Open))
        .least(Assignment::list(ASSET, AssignmentFilter::All))
        .refuses(Assignment::list("", AssignmentFilter::All)),
        create(),
        Case::new(&operations::GET_ASSIGNMENT, Assignment::get(ASSET, 7))
            .refuses(Assignment::get("", 7)),
        Case::ignored(&operations::DELETE_ASSIGNMENT, Assignment::delete(ASSET, 7))
            .refuses(Assignment::delete("", 7)),
        Case::new(&operations::LOCK_ASSIGNMENT, Assignment::lock(ASSET, 7))
            .refuses(Assignment::lock("", 7)),
        Case::new(&operations::UNLOCK_ASSIGNMENT, Assignment::unlock(ASSET, 7))
            .refuses(Assignment::unlock("", 7)),
    ]
}

fn create() -> Case {
    let least = CreateAssignment {
        registered_user: 13,
        amount: 1,
        ..CreateAssignment::default()
    };
    let full = CreateAssignment {
        vesting_timestamp: Some(1_900_000_000),
        ready_for_distribution: Some(true),
        ..least
    };
    let none = CreateAssignment::calls(ASSET, &[]).map(|mut calls| calls.remove(0));
    Case::new(&operations::CREATE_ASSIGNMENT, full.call(ASSET))
        .least(least.call(ASSET))
        .refuses(least.call(""))
        .refuses(none)
}
