//! The last steps of a flight: store the token, give the lease back, tell the verdict.

use super::errors::out_of_order;
use super::{CommitAnswer, Flight, Step, Stored};
use crate::lifecycle::{Goal, Source, Verdict};
use crate::{Minted, TokenData, TokenError};

/// How often a commit is tried against a store that others change meanwhile.
const MAX_COMMITS: u32 = 4;

impl Flight {
    pub(super) fn commit(&mut self, minted: Minted, source: Source) -> Step {
        self.commits += 1;
        let step = Step::Commit {
            data: minted.data.clone(),
            expected: self.generation,
        };
        self.minted = Some((minted, source));
        step
    }

    pub(super) fn committed(&mut self, answer: CommitAnswer) -> Step {
        let Some((minted, source)) = self.minted.take() else {
            return self.fail(out_of_order());
        };
        match answer {
            CommitAnswer::Stored { generation } => {
                self.generation = generation;
                self.end(Verdict::Minted {
                    minted,
                    generation,
                    saved: true,
                    source,
                })
            }
            CommitAnswer::Failed => self.end_unsaved(minted, source),
            CommitAnswer::Conflict(stored) => self.conflict(minted, source, stored),
        }
    }

    /// Somebody changed the store meanwhile: a clear wins, else the token that lives longer. A
    /// store that could not be read before may have been empty all the time, or have what was
    /// cleared.
    fn conflict(&mut self, minted: Minted, source: Source, stored: Stored) -> Step {
        let known = std::mem::replace(&mut self.store_readable, true);
        self.generation = stored.generation;
        match stored.data {
            None if known => self.end(Verdict::Superseded { minted, source }),
            Some(data) if (known || !self.discard) && self.outlives(&data, &minted) => {
                self.end(Verdict::Adopted {
                    data,
                    generation: stored.generation,
                })
            }
            _ if self.commits >= MAX_COMMITS => self.end_unsaved(minted, source),
            _ => self.commit(minted, source),
        }
    }

    fn outlives(&self, data: &TokenData, minted: &Minted) -> bool {
        let longer = data.expires_at() > minted.data.expires_at();
        longer && self.goal != Goal::Login && !self.is_rejected(data.token())
    }

    fn end_unsaved(&mut self, minted: Minted, source: Source) -> Step {
        let generation = self.generation;
        self.end(Verdict::Minted {
            minted,
            generation,
            saved: false,
            source,
        })
    }

    pub(super) fn fail(&mut self, error: TokenError) -> Step {
        let spent = self.refresh_sent.is_some();
        self.end(Verdict::Failed { error, spent })
    }

    pub(super) fn end(&mut self, verdict: Verdict) -> Step {
        if !self.leased {
            return Step::Done(verdict);
        }
        self.leased = false;
        let failure = match &verdict {
            Verdict::Failed { error, .. } => Some(error.class()),
            Verdict::Minted { .. } | Verdict::Adopted { .. } | Verdict::Superseded { .. } => None,
        };
        self.verdict = Some(verdict);
        let spent = self.refresh_sent == Some(self.generation) || self.found_mark_counts();
        Step::Release { failure, spent }
    }
}
