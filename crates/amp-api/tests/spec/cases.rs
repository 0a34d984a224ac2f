//! The typed request and the reader of every operation, tag by tag.

mod assets;
mod assignments;
mod categories;
mod distributions;
mod gaids;
mod general;
mod managers;
mod registered_users;
mod transactions;
mod user;

use std::collections::BTreeSet;

use amp_api::operations;

use crate::case::Case;

/// An asset's id.
const ASSET: &str = "5b1ed8a4-2f3a-4c7e-9d0f-6a1c2b3d4e5f";

/// A transaction.
const TXID: &str = "7a1f0c2b3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8";

/// A GAID.
const GAID: &str = "GAxampLeGaidxxxxxxxxxxxxxxxxx";

/// Every case.
pub(crate) fn all() -> Vec<Case> {
    let tags = [
        general::cases(),
        user::cases(),
        registered_users::cases(),
        categories::cases(),
        gaids::cases(),
        managers::cases(),
        assets::cases(),
        assignments::cases(),
        distributions::cases(),
        transactions::cases(),
    ];
    tags.into_iter().flatten().collect()
}

#[test]
fn every_operation_has_a_typed_request() {
    let cases = all();
    let typed: BTreeSet<_> = cases.iter().map(|case| case.operation.id()).collect();
    assert_eq!(typed.len(), cases.len(), "an operation has two cases");
    let every: BTreeSet<_> = operations::ALL.iter().map(|row| row.id()).collect();
    let missing: Vec<_> = every.difference(&typed).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
