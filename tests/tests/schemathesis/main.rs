//! Thousands of requests that schemathesis makes up from the description of the service, against the sandbox.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod program;
mod stage;

use std::collections::BTreeSet;

use integration_tests::rig::report;
use stage::Stage;

/// Cases for each operation in each of its two large runs.
const EXAMPLES: usize = 25;

/// All runs together.
const LEAST: usize = 5_000;

/// Operations that accept something in each stage, at least. A token that is dead from the start has two or three: what is
/// refused with a described 401 breaks no rule, but tries nothing either.
const ACCEPTING: [usize; 4] = [20, 20, 10, 1];

/// It ends the token that all the others use.
const CHANGES_THE_TOKEN: &str = "changePassword";

// W-A39: what no test thought of agrees with the description, too.
#[tokio::test]
async fn no_made_up_request_gets_an_answer_that_is_not_described() {
    let outcomes = [
        // Ids are made up like everything else.
        Stage::empty("strangers")
            .await
            .run(|run| {
                run.examples(EXAMPLES).without(CHANGES_THE_TOKEN);
            })
            .await,
        // Ids are those of things that are there, and stay there.
        Stage::furnished("acquaintances")
            .await
            .run(|run| {
                let run = run.examples(EXAMPLES).without(CHANGES_THE_TOKEN);
                run.without_method("DELETE");
            })
            .await,
        // The same with the rights of a manager.
        Stage::managed("managers")
            .await
            .run(|run| {
                let run = run.examples(EXAMPLES).without(CHANGES_THE_TOKEN);
                run.without_method("DELETE");
            })
            .await,
        Stage::empty("passwords")
            .await
            .run(|run| {
                run.examples(EXAMPLES).only(CHANGES_THE_TOKEN);
            })
            .await,
    ];
    let mut generated = 0;
    let mut accepted = BTreeSet::new();
    for (outcome, least) in outcomes.into_iter().zip(ACCEPTING) {
        assert_eq!(outcome.complaints, [""; 0], "{}", outcome.output);
        let accepting = outcome.accepted.len();
        assert!(
            accepting >= least,
            "{accepting} < {least}: {}",
            outcome.output
        );
        generated += outcome.generated;
        accepted.extend(outcome.accepted);
    }
    let accepting = accepted.len();
    report(format!(
        "{generated} cases, no server error, undocumented status or other schema; {accepting} operations accepted some"
    ));
    assert!(generated >= LEAST, "{generated}");
}
