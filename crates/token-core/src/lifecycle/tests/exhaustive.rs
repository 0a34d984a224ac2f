//! Every sequence of moves up to a depth, without walking equal situations twice.

use std::collections::HashSet;

use super::model::Model;
use super::moves::MOVES;

/// How many moves deep the check goes: 37 possible moves each time, more than 80,000 different
/// situations.
const DEPTH: usize = 8;

// W-A18, W-A19, W-A20, W-C06, W-C09: in every order of events.
#[test]
fn no_sequence_of_events_breaks_an_invariant() {
    let mut seen = HashSet::new();
    let mut frontier = vec![Model::new()];
    for _ in 0..DEPTH {
        let mut next = Vec::new();
        for model in &frontier {
            for step in MOVES {
                let mut after = model.clone();
                if after.step(*step) && seen.insert(after.fingerprint()) {
                    after.check_progress();
                    next.push(after);
                }
            }
        }
        frontier = next;
    }
    assert!(
        seen.len() > 80_000,
        "the model stands still: {}",
        seen.len()
    );
}
