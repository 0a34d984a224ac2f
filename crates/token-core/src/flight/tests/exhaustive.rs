//! Every flight that the answers of store and authority can make (some 530,000 different
//! situations), and random ones with uneven times.

use std::collections::HashSet;

use proptest::prelude::*;

use super::trip::Trip;
use super::*;

/// Every way to start a flight.
fn givens() -> Vec<Given> {
    let mut givens = Vec::new();
    for goal in [Goal::Renew, Goal::Refresh, Goal::Login] {
        let ways = [
            Renewal::LoginOnly,
            Renewal::AccessToken,
            Renewal::RefreshToken,
        ];
        for renewal in ways {
            let refresh = RefreshToken::new("refresh").unwrap();
            let mut renewable = Given::old(goal);
            renewable.basis = Some(record("old", HOUR).with_refresh_token(Some(refresh)));
            let starts = [Given::nothing(goal), renewable, Given::old(goal).rejected()];
            givens.extend(starts.map(|given| given.renewed_by(renewal)));
        }
    }
    givens
}

// W-A13, W-A20: in every order of answers.
#[test]
fn every_possible_flight_ends_and_keeps_its_promises() {
    let mut situations = 0;
    for given in givens() {
        let mut seen = HashSet::new();
        let mut open = vec![Trip::new(given)];
        while let Some(trip) = open.pop() {
            for input in trip.answers() {
                let mut after = trip.clone();
                after.take(input, trip.passes());
                if seen.insert(after.fingerprint()) {
                    open.push(after);
                }
            }
        }
        situations += seen.len();
    }
    assert!(
        situations > 450_000,
        "the driver meets too little: {situations}"
    );
}

proptest! {
    // W-A13: with uneven pauses, 6 s at least, between the steps.
    #[test]
    fn no_random_flight_breaks_a_promise(
        start in any::<prop::sample::Index>(),
        answers in prop::collection::vec((any::<prop::sample::Index>(), 6_000_u64..60_000), 60),
    ) {
        let mut givens = givens();
        let mut trip = Trip::new(givens.swap_remove(start.index(givens.len())));
        for (answer, millis) in answers {
            if trip.is_over() {
                break;
            }
            let mut possible = trip.answers();
            let input = possible.swap_remove(answer.index(possible.len()));
            trip.take(input, Duration::from_millis(millis));
        }
        prop_assert!(trip.is_over());
    }
}
