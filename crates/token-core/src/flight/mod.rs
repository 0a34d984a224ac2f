//! The order of one flight, as a pure machine.
//!
//! A flight takes the lease, looks at the store, adopts what somebody else stored, else refreshes,
//! else logs in, commits, and gives the lease back. While somebody else has the lease, it waits for
//! what they store. [`Flight::next`] takes what the last step brought and names the next one; it
//! does nothing itself.

mod commit;
mod errors;
mod settings;
mod step;
#[cfg(test)]
mod tests;
mod waiting;

use std::time::Duration;

pub use settings::{FlightSettings, Renewal};
pub use step::{CommitAnswer, FailedElsewhere, Input, LeaseAnswer, Step, Stored};

use errors::{dead_on_arrival, failed_elsewhere, no_progress, out_of_order, rejected_again};
use waiting::Pace;

use crate::lifecycle::{Basis, FlightPlan, Goal, Source, Verdict};
use crate::{
    AccessToken, BootInstant, ErrorClass, Grant, Minted, Now, Sent, TokenData, TokenError,
};

/// One flight: at most one refresh and one login (X-13, W-A13).
#[derive(Debug)]
#[cfg_attr(test, derive(Clone))]
pub struct Flight {
    settings: FlightSettings,
    goal: Goal,
    basis: Option<Basis>,
    /// The text that the service rejected; it must not come back by any way.
    rejected: Option<AccessToken>,
    /// The generation that the manager had seen before; another one is somebody else's work.
    seen: u64,
    generation: u64,
    /// The generation that the first look into the store found.
    found: Option<u64>,
    store_readable: bool,
    started: BootInstant,
    network_started: Option<BootInstant>,
    leased: bool,
    contended: bool,
    pace: Pace,
    /// A failure that somebody else noted, which keeps us from the network.
    noted: Option<FailedElsewhere>,
    /// The generation whose refresh token an earlier holder of the lease may have spent.
    found_spent: Option<u64>,
    /// The generation whose refresh token we may have spent.
    refresh_sent: Option<u64>,
    /// What the store holds was cleared.
    discard: bool,
    commits: u32,
    minted: Option<(Minted, Source)>,
    verdict: Option<Verdict>,
}

impl Flight {
    /// A flight of this plan that starts now.
    pub fn new(plan: &FlightPlan, settings: FlightSettings, now: &Now) -> Self {
        let rejected = plan.basis.as_ref().filter(|basis| basis.rejected);
        Self {
            settings,
            goal: plan.goal,
            basis: plan.basis.clone(),
            rejected: rejected.map(|basis| basis.data.token().clone()),
            seen: plan.generation,
            generation: plan.generation,
            found: None,
            store_readable: true,
            started: now.boot,
            network_started: None,
            leased: false,
            contended: false,
            pace: Pace::new(now),
            noted: None,
            found_spent: None,
            refresh_sent: None,
            discard: plan.discard,
            commits: 0,
            minted: None,
            verdict: None,
        }
    }

    /// Takes what the last step brought and names the next one.
    pub fn next(&mut self, input: Input, now: &Now) -> Step {
        match input {
            Input::Start | Input::Waited { changed: false } => Step::Lease,
            Input::Lease(answer) => self.leased(answer, now),
            Input::Waited { changed: true } => self.changed(),
            Input::Loaded(stored) => self.loaded(stored, now),
            Input::Refreshed { result, asked } => self.refreshed(result, &asked, now),
            Input::LoggedIn { result, asked } => self.logged_in(result, &asked),
            Input::Committed(answer) => self.committed(answer),
            Input::Released => match self.verdict.take() {
                Some(verdict) => Step::Done(verdict),
                None => Step::Done(Verdict::Failed {
                    error: out_of_order(),
                    spent: false,
                }),
            },
        }
    }

    /// What is stored is looked at first: a failure that somebody else noted says nothing about a
    /// token that is there.
    fn loaded(&mut self, stored: Option<Stored>, now: &Now) -> Step {
        self.store_readable = stored.is_some();
        let before = self.generation;
        if let Some(stored) = stored {
            self.generation = stored.generation;
            self.found.get_or_insert(stored.generation);
            match stored.data.filter(|_| !self.discard) {
                Some(data) if self.adoptable(&data, now) => {
                    return self.end(Verdict::Adopted {
                        data,
                        generation: stored.generation,
                    });
                }
                Some(data) => self.rebase(data, now),
                None if self.generation > self.seen => self.forget(),
                None => {}
            }
        }
        if let Some(failed) = self.noted.filter(|_| self.shares_a_failure()) {
            return self.fail(failed_elsewhere(failed));
        }
        if !self.may_act() {
            if self.generation != before {
                self.pace.moved();
            }
            return self.wait(now);
        }
        self.network_started = Some(now.boot);
        self.refresh_or_login(now)
    }

    /// A stored token that is newer than ours, usable, and not the one that was rejected.
    fn adoptable(&self, data: &TokenData, now: &Now) -> bool {
        let wanted = match self.goal {
            Goal::Renew => true,
            Goal::Refresh => self.contended && self.is_news(),
            Goal::Login => false,
        };
        let windows = self.settings.policy.windows(data.lifetime(), 0.0);
        let age = windows.age_of(data, now.wall);
        let usable = windows.serves(age, Duration::ZERO) && !data.is_expired(now.wall);
        wanted && usable && self.newer_than_basis(data)
    }

    /// Whether what the store has was stored while this flight waited. Its times are by another
    /// machine's clock, so only the generation tells.
    fn is_news(&self) -> bool {
        self.found.is_some_and(|found| self.generation > found)
    }

    /// After a rejection the ends say nothing: what is newer is what came into the store since. It
    /// also decides between equal ends.
    fn newer_than_basis(&self, data: &TokenData) -> bool {
        match &self.basis {
            _ if self.is_rejected(data.token()) => false,
            None => true,
            Some(basis) if basis.rejected => self.generation != self.seen,
            Some(basis) => {
                let (end, own) = (data.expires_at(), basis.data.expires_at());
                end > own || (end == own && self.generation > self.seen)
            }
        }
    }

    /// Somebody emptied the store since: a logout is not undone by refreshing what it was for, only
    /// by credentials. The rejected text stays rejected.
    fn forget(&mut self) {
        self.basis = None;
    }

    /// A stored token that is newer than ours but not adopted is what a refresh starts from.
    fn rebase(&mut self, data: TokenData, now: &Now) {
        if !self.newer_than_basis(&data) {
            return;
        }
        let windows = self.settings.policy.windows(data.lifetime(), 0.0);
        let age = windows.age_of(&data, now.wall);
        let border = |after: Duration| now.boot.saturating_add(after.saturating_sub(age));
        self.basis = Some(Basis {
            rejected: false,
            dead_at: border(windows.dead_after()),
            ends_at: border(data.lifetime()),
            refreshable_until: border(windows.refreshable_until()),
            spent: false,
            saved: true,
            data,
        });
    }

    fn refresh_or_login(&self, now: &Now) -> Step {
        match self.refreshable(now) {
            Some(basis) => Step::Refresh {
                token: basis.data.clone(),
                within: self.settings.budget / 2,
                mark: (self.settings.renewal == Renewal::RefreshToken).then_some(self.generation),
            },
            None => self.login(now),
        }
    }

    fn refreshable(&self, now: &Now) -> Option<&Basis> {
        let basis = self.basis.as_ref().filter(|_| self.goal != Goal::Login)?;
        let renews = match self.settings.renewal {
            Renewal::LoginOnly => false,
            Renewal::AccessToken => !basis.rejected,
            Renewal::RefreshToken => {
                basis.data.refresh_token().is_some() && !self.may_be_spent(basis)
            }
        };
        (renews && now.boot < basis.refreshable_until).then_some(basis)
    }

    /// A basis that the store does not have is not what an earlier holder may have spent.
    fn may_be_spent(&self, basis: &Basis) -> bool {
        basis.spent || (basis.saved && self.found_mark_counts())
    }

    /// Whether an earlier holder's mark is about what the store has now. A generation that only a
    /// mark tells of, because the store cannot be read, is one that replaced what we know.
    fn found_mark_counts(&self) -> bool {
        self.found_spent.is_some_and(|sent| {
            sent == self.generation || (!self.store_readable && sent > self.generation)
        })
    }

    fn login(&self, now: &Now) -> Step {
        let since = self.network_started.unwrap_or(now.boot);
        let within = self
            .settings
            .budget
            .saturating_sub(now.boot.saturating_since(since));
        Step::Login { within }
    }

    /// Any failure of a refresh leads to one login; only an authority that asks us to wait
    /// is obeyed instead.
    fn refreshed(&mut self, result: Result<Grant, TokenError>, asked: &Now, now: &Now) -> Step {
        self.note_sent(&result);
        let grant = match result {
            Ok(grant) => grant,
            Err(error) if matches!(error.class(), ErrorClass::Throttled(_)) => {
                return self.fail(error);
            }
            Err(_) => return self.login(now),
        };
        if self.is_rejected(&grant.access) || grant.lifetime.duration().is_zero() {
            return self.login(now);
        }
        let old = self.basis.as_ref().map(|basis| &basis.data);
        let minted = grant.into_minted(asked, old);
        if self.moves_the_end(&minted) {
            return self.commit(minted, Source::Refreshed);
        }
        if self.basis_serves(now) {
            return self.fail(no_progress());
        }
        self.login(now)
    }

    /// A refresh token is spent once the request may have been worked on; an authority that asks
    /// to wait has not.
    fn note_sent(&mut self, result: &Result<Grant, TokenError>) {
        let unspent = result.as_ref().is_err_and(|error| {
            error.sent() == Sent::No || matches!(error.class(), ErrorClass::Throttled(_))
        });
        if self.settings.renewal == Renewal::RefreshToken && !unspent {
            self.refresh_sent = Some(self.generation);
        }
    }

    /// Judged by the clock that never jumps. An authority that states no lifetime starts a new
    /// one with each answer, and after a rejection any other text is progress.
    fn moves_the_end(&self, minted: &Minted) -> bool {
        let end = minted.asked_at.saturating_add(minted.lifetime.duration());
        let basis = self.basis.as_ref();
        !minted.lifetime.is_stated()
            || basis.is_none_or(|basis| basis.rejected || end > basis.ends_at)
    }

    /// Whether callers are served from the basis meanwhile, so that a failure reaches nobody.
    fn basis_serves(&self, now: &Now) -> bool {
        let basis = self.basis.as_ref();
        basis.is_some_and(|basis| !basis.rejected && now.boot < basis.dead_at)
    }

    fn logged_in(&mut self, result: Result<Grant, TokenError>, asked: &Now) -> Step {
        match result {
            Err(error) => self.fail(error),
            Ok(grant) if self.is_rejected(&grant.access) => self.fail(rejected_again()),
            Ok(grant) if grant.lifetime.duration().is_zero() => self.fail(dead_on_arrival()),
            Ok(grant) => self.commit(grant.into_minted(asked, None), Source::Obtained),
        }
    }

    fn is_rejected(&self, token: &AccessToken) -> bool {
        self.rejected.as_ref() == Some(token)
    }
}
