//! A token with the moments at which it turns stale and dead.

use std::time::Duration;

use super::{Basis, Epoch, Live, Source};
use crate::{BootInstant, Freshness, Minted, Now, TokenData, Windows};

#[derive(Clone, Debug)]
pub(super) struct Held {
    epoch: Epoch,
    data: TokenData,
    windows: Windows,
    refresh_at: BootInstant,
    dead_at: BootInstant,
    ends_at: BootInstant,
    refreshable_until: BootInstant,
    origin: Origin,
    source: Source,
    saved: bool,
    /// Whether its refresh token may be spent.
    spent: bool,
}

#[derive(Clone, Copy, Debug)]
enum Origin {
    /// Ours: judged by the boot clock alone.
    Minted { at: BootInstant },
    /// From the store: judged by the wall clock as it stood then.
    Loaded { judged_at: Now },
}

impl Held {
    pub(super) fn minted(
        epoch: Epoch,
        minted: Minted,
        (source, saved): (Source, bool),
        windows: Windows,
        now: &Now,
    ) -> Self {
        let at = minted.asked_at;
        Self {
            epoch,
            ends_at: at.saturating_add(minted.lifetime.duration()),
            data: minted.data,
            windows,
            refresh_at: at.saturating_add(windows.refresh_after()),
            dead_at: at.saturating_add(windows.dead_after()),
            refreshable_until: at.saturating_add(windows.refreshable_until()),
            origin: Origin::Minted { at: now.boot },
            source,
            saved,
            spent: false,
        }
    }

    pub(super) fn loaded(
        epoch: Epoch,
        data: TokenData,
        source: Source,
        windows: Windows,
        now: &Now,
    ) -> Self {
        let mut held = Self {
            epoch,
            data,
            windows,
            refresh_at: now.boot,
            dead_at: now.boot,
            ends_at: now.boot,
            refreshable_until: now.boot,
            origin: Origin::Loaded { judged_at: *now },
            source,
            saved: true,
            spent: false,
        };
        held.judge_again(now);
        held
    }

    /// Places the borders of a loaded record by what the wall clock says now.
    pub(super) fn judge_again(&mut self, now: &Now) {
        let age = self.windows.age_of(&self.data, now.wall);
        let border = |after: Duration| now.boot.saturating_add(after.saturating_sub(age));
        self.refresh_at = border(self.windows.refresh_after());
        self.dead_at = border(self.windows.dead_after());
        self.ends_at = border(self.data.lifetime());
        self.refreshable_until = border(self.windows.refreshable_until());
        self.origin = Origin::Loaded { judged_at: *now };
    }

    pub(super) fn wall_jumped(&self, now: &Now) -> bool {
        match self.origin {
            Origin::Minted { .. } => false,
            Origin::Loaded { judged_at } => now.wall_jumped_since(&judged_at),
        }
    }

    /// The same token with its borders where they are now.
    pub(super) fn judged(&self, now: &Now) -> Self {
        let mut current = self.clone();
        if current.wall_jumped(now) {
            current.judge_again(now);
        }
        current
    }

    /// How long ago it was asked for. A loaded record from the future has the age of one whose
    /// refresh is due.
    pub(super) fn age(&self, now: &Now) -> Duration {
        let life_left = self.ends_at.saturating_since(now.boot);
        let past_end = now.boot.saturating_since(self.ends_at);
        let lifetime = self.data.lifetime();
        lifetime.saturating_sub(life_left).saturating_add(past_end)
    }

    pub(super) fn epoch(&self) -> Epoch {
        self.epoch
    }

    pub(super) fn same_text(&self, other: &Self) -> bool {
        self.data.token() == other.data.token()
    }

    pub(super) fn freshness(&self, now: &Now) -> Freshness {
        if now.boot < self.refresh_at {
            Freshness::Fresh
        } else if now.boot < self.dead_at {
            Freshness::Stale
        } else {
            Freshness::Expired
        }
    }

    /// Whether it stays sendable for at least `validity`.
    pub(super) fn serves(&self, now: &Now, validity: Duration) -> bool {
        now.boot.saturating_add(validity) < self.dead_at
    }

    /// Whether a new token of the same lifetime would meet the demand.
    pub(super) fn could_ever_serve(&self, validity: Duration) -> bool {
        validity < self.windows.dead_after()
    }

    pub(super) fn left(&self, now: &Now) -> Duration {
        self.dead_at.saturating_since(now.boot)
    }

    pub(super) fn minted_within(&self, recent: Duration, now: &Now) -> bool {
        match self.origin {
            Origin::Minted { at } => now.boot.saturating_since(at) < recent,
            Origin::Loaded { .. } => false,
        }
    }

    /// Notes that its refresh token may be spent.
    pub(super) fn mark_spent(&mut self) {
        self.spent = true;
    }

    /// Notes that the store has it.
    pub(super) fn mark_saved(&mut self) {
        self.saved = true;
    }

    /// The record, where no store has it.
    pub(super) fn unsaved(self) -> Option<TokenData> {
        (!self.saved).then_some(self.data)
    }

    pub(super) fn basis(&self, rejected: bool, now: &Now) -> Basis {
        let current = self.judged(now);
        Basis {
            data: current.data,
            rejected,
            dead_at: current.dead_at,
            ends_at: current.ends_at,
            refreshable_until: current.refreshable_until,
            spent: current.spent,
            saved: current.saved,
        }
    }

    pub(super) fn live(&self) -> Live {
        let judged_at = match self.origin {
            Origin::Minted { .. } => None,
            Origin::Loaded { judged_at } => Some(judged_at),
        };
        Live {
            epoch: self.epoch,
            data: self.data.clone(),
            refresh_at: self.refresh_at,
            dead_at: self.dead_at,
            judged_at,
            source: self.source,
            saved: self.saved,
        }
    }
}
