//! The service rejected a token.

use std::time::Duration;

use super::just_minted::rejected_fresh;
use super::{Answer, Effects, Epoch, Lifecycle, Publish, State};
use crate::{Now, TokenError};

/// A token that was minted this recently is not renewed when it is rejected: the authority and the
/// service disagree, and another login would not help. One that was accepted may have been revoked
/// since, so it is renewed, but its successor is not in its turn.
const JUST_MINTED: Duration = Duration::from_secs(10);

impl Lifecycle {
    pub(super) fn reject(&mut self, epoch: Epoch, accepted: bool, now: &Now) -> Effects {
        let judged = self.judge_again(now);
        let current = std::mem::replace(&mut self.state, State::Empty);
        let (state, effects) = match current {
            closed @ State::Closed { .. } => (closed, Some(Answer::Fail(TokenError::Closed))),
            State::Held(held) if held.epoch() != epoch => {
                let answer = held
                    .serves(now, Duration::ZERO)
                    .then(|| Answer::Serve(held.live()));
                (State::Held(held), answer)
            }
            State::Held(held) if held.minted_within(JUST_MINTED, now) => {
                if accepted && !self.renewed_a_young_one(now) {
                    self.young_rejected = Some(now.boot);
                    (State::Rejected(held), None)
                } else {
                    (State::Held(held), Some(Answer::Fail(rejected_fresh())))
                }
            }
            State::Held(held) => (State::Rejected(held), None),
            other => (other, None),
        };
        let rejected_now = matches!(state, State::Rejected(_));
        self.state = state;
        let effects = match effects {
            Some(answer) => Effects::answer(answer),
            None => self.wait_or_fail(true, now),
        };
        let publish = if rejected_now {
            Publish::Withdraw
        } else {
            judged
        };
        Effects { publish, ..effects }
    }

    /// Endpoints that accept and endpoints that reject whatever is minted would otherwise cost a
    /// login for each request.
    fn renewed_a_young_one(&self, now: &Now) -> bool {
        let at = self.young_rejected;
        at.is_some_and(|at| now.boot.saturating_since(at) < JUST_MINTED)
    }
}
