//! Random walks, longer than the exhaustive check can go.

use proptest::prelude::*;

use super::model::Model;
use super::moves::{MOVES, Move};

fn walk() -> impl Strategy<Value = Vec<Move>> {
    prop::collection::vec(prop::sample::select(MOVES), 1..60)
}

proptest! {
    // A-37, W-A18, W-A20, W-C09
    #[test]
    fn no_long_walk_breaks_an_invariant(walk in walk()) {
        let mut model = Model::new();
        for step in walk {
            model.step(step);
        }
        model.check_progress();
    }
}
