//! Every operation once, and each answer held against the description of the service.

mod accounts;
mod agreement;
mod assets;
mod walk;

use crate::description::operations;
use amp_sandbox::Sandbox;
use walk::Walk;

/// Keys that the description has and this service does not send.
const NOT_SENT: [&str; 0] = [];

// W-A39
#[tokio::test]
async fn every_operation_answers_in_the_keys_of_the_description() {
    let sandbox = Sandbox::builder().in_memory();
    let mut walk = Walk::begin(&sandbox).await;
    accounts::walk(&mut walk).await;

    let mut left: Vec<&str> = operations().iter().map(|one| one.id()).collect();
    left.retain(|id| !walk.called().contains(id));
    assert_eq!(left, [""; 0], "not called");
    let never_sent = walk.keys_never_sent();
    assert_eq!(never_sent, NOT_SENT, "described and never sent");
}
