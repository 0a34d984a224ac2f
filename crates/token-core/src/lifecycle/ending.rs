//! A token is forgotten, or the life ends.

use super::{Answer, Effects, Flying, Lifecycle, Publish, State, Unsaved, Verdict};

impl Lifecycle {
    /// A flight under way must not bring the cleared token back (W-A20).
    pub(super) fn clear(&mut self, store_emptied: bool) -> Effects {
        self.state = match self.state {
            State::Closed { .. } => State::Closed { unsaved: None },
            _ => State::Empty,
        };
        self.clears += 1;
        self.store_uncleared = !store_emptied;
        self.young_rejected = None;
        self.abandon();
        self.spacing.reset();
        Effects {
            publish: Publish::Withdraw,
            ..Effects::answer(Answer::Nothing)
        }
    }

    /// The token that no store has is handed over each time, until somebody says that it is safe:
    /// whoever asked first may have given up.
    pub(super) fn close(&mut self) -> Effects {
        let generation = self.generation;
        let unsaved = match std::mem::replace(&mut self.state, State::Empty) {
            State::Held(held) => held.unsaved().map(|data| Unsaved { data, generation }),
            State::Closed { unsaved } => unsaved,
            State::Empty | State::Rejected(_) => None,
        };
        self.state = State::Closed {
            unsaved: unsaved.clone(),
        };
        self.abandon();
        Effects {
            unsaved,
            publish: Publish::Withdraw,
            ..Effects::answer(Answer::Nothing)
        }
    }

    /// The last token is stored, or will never be.
    pub(super) fn flushed(&mut self) -> Effects {
        if let State::Closed { unsaved } = &mut self.state {
            *unsaved = None;
        }
        Effects::answer(Answer::Nothing)
    }

    /// What the last flight brought and no store took is newer than what was held at the close,
    /// and may hold the only refresh token that is not spent.
    pub(super) fn keep_for_the_close(&mut self, flight: &Flying, verdict: &Verdict) {
        let State::Closed { unsaved } = &mut self.state else {
            return;
        };
        if let Verdict::Minted {
            minted,
            generation,
            saved: false,
            ..
        } = verdict
            && flight.clears == self.clears
        {
            *unsaved = Some(Unsaved {
                data: minted.data.clone(),
                generation: *generation,
            });
        }
    }

    fn abandon(&mut self) {
        if let Some(flight) = &mut self.flight {
            flight.abandoned = true;
        }
    }
}
