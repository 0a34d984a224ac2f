//! What the hot path reads: a token that is ready to send, and until when.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http::HeaderValue;
use token_core::lifecycle::{Epoch, Live, Source};
use token_core::{BootInstant, Now, TokenData};

use crate::Scheme;

/// A published token. It never changes, but for the note that a service accepted it.
#[derive(Debug)]
pub(crate) struct Snapshot {
    epoch: Epoch,
    header: HeaderValue,
    data: Option<TokenData>,
    refresh_at: BootInstant,
    dead_at: BootInstant,
    judged_at: Option<Now>,
    source: Option<Source>,
    accepted: AtomicBool,
}

impl Snapshot {
    /// Stands for "no token": it is never fresh.
    pub(crate) fn empty() -> Self {
        Self {
            epoch: Epoch::ZERO,
            header: HeaderValue::from_static(""),
            data: None,
            refresh_at: BootInstant::default(),
            dead_at: BootInstant::default(),
            judged_at: None,
            source: None,
            accepted: AtomicBool::new(false),
        }
    }

    pub(crate) fn new(live: Live, scheme: Scheme) -> Self {
        Self {
            epoch: live.epoch,
            header: scheme.header(live.data.token()),
            refresh_at: live.refresh_at,
            dead_at: live.dead_at,
            judged_at: live.judged_at,
            source: Some(live.source),
            data: Some(live.data),
            accepted: AtomicBool::new(false),
        }
    }

    /// Whether it may be sent without asking anybody: not in its refresh window, sendable for
    /// `validity`, and the clock it was judged by has not jumped.
    pub(crate) fn is_fresh(&self, now: &Now, validity: Duration) -> bool {
        let jumped = self
            .judged_at
            .is_some_and(|then| now.wall_jumped_since(&then));
        now.boot < self.refresh_at && self.serves(now, validity) && !jumped
    }

    /// Whether it stays sendable for `validity`, stale or not.
    pub(crate) fn serves(&self, now: &Now, validity: Duration) -> bool {
        now.boot.saturating_add(validity) < self.dead_at
    }

    pub(crate) fn epoch(&self) -> Epoch {
        self.epoch
    }

    pub(crate) fn header(&self) -> &HeaderValue {
        &self.header
    }

    pub(crate) fn data(&self) -> Option<&TokenData> {
        self.data.as_ref()
    }

    /// Where the token came from, if there is one.
    pub(crate) fn source(&self) -> Option<Source> {
        self.source
    }

    /// Notes that a service accepted this token.
    pub(crate) fn mark_accepted(&self) {
        if !self.was_accepted() {
            self.accepted.store(true, Ordering::Relaxed);
        }
    }

    pub(crate) fn was_accepted(&self) -> bool {
        self.accepted.load(Ordering::Relaxed)
    }
}
