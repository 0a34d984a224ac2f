//! What the hot path reads: a token that is ready to send, and until when.

use std::sync::atomic::Ordering;
use std::time::Duration;

use http::HeaderValue;
use token_core::lifecycle::{Epoch, Live, Source};
use token_core::{BootInstant, CoarseNow, Now, TokenData};

use crate::Scheme;
use crate::fresh_until::FreshUntil;
use crate::stripes::Stripes;
use crate::sync::AtomicBool;

/// In which span a token is fresh: by the clock of the manager, and by those of the machine, where
/// the manager has no other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    pub(crate) by_clock: FreshUntil,
    pub(crate) by_machine: FreshUntil,
}

/// A published token. It never changes, but for the note that a service accepted it.
#[derive(Debug)]
pub(crate) struct Snapshot {
    span: Span,
    epoch: Epoch,
    headers: Stripes,
    data: Option<TokenData>,
    dead_at: BootInstant,
    source: Option<Source>,
    accepted: AtomicBool,
}

impl Snapshot {
    /// Stands for "no token": it is never fresh.
    pub(crate) fn empty() -> Self {
        Self {
            span: Span {
                by_clock: FreshUntil::NEVER,
                by_machine: FreshUntil::NEVER,
            },
            epoch: Epoch::ZERO,
            headers: Stripes::empty(),
            data: None,
            dead_at: BootInstant::default(),
            source: None,
            accepted: AtomicBool::new(false),
        }
    }

    pub(crate) fn new(live: Live, scheme: Scheme, span: Span) -> Self {
        Self {
            span,
            epoch: live.epoch,
            headers: Stripes::new(scheme.text(live.data.token())),
            dead_at: live.dead_at,
            source: Some(live.source),
            data: Some(live.data),
            accepted: AtomicBool::new(false),
        }
    }

    /// The same token with another span; both share the one text.
    pub(crate) fn placed_again(&self, span: Span) -> Self {
        Self {
            span,
            epoch: self.epoch,
            headers: self.headers.clone(),
            dead_at: self.dead_at,
            source: self.source,
            data: self.data.clone(),
            accepted: AtomicBool::new(self.was_accepted()),
        }
    }

    /// Whether it may be sent without asking anybody: not in its refresh window, and no clock has
    /// jumped.
    pub(crate) fn is_fresh(&self, coarse: CoarseNow) -> bool {
        self.span.by_clock.holds(coarse)
    }

    /// The same by the clocks of the machine; `false` where another clock was given.
    #[inline]
    pub(crate) fn is_fresh_by_machine(&self, coarse: CoarseNow) -> bool {
        self.span.by_machine.holds(coarse)
    }

    /// Whether it is fresh, and stays sendable for `validity`.
    pub(crate) fn is_fresh_for(&self, validity: Duration, coarse: CoarseNow) -> bool {
        self.span.by_clock.holds_for(validity, coarse)
    }

    /// Whether it stays sendable for `validity`, stale or not.
    pub(crate) fn serves(&self, now: &Now, validity: Duration) -> bool {
        now.boot.saturating_add(validity) < self.dead_at
    }

    pub(crate) fn epoch(&self) -> Epoch {
        self.epoch
    }

    #[inline]
    pub(crate) fn headers(&self) -> &Stripes {
        &self.headers
    }

    /// What a request is sent with.
    pub(crate) fn stamp(&self) -> Stamp {
        Stamp {
            header: self.headers.pick().clone(),
            epoch: self.epoch,
            was_accepted: self.was_accepted(),
        }
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

/// What a request is sent with: the header, the number of its token, for its rejection, and whether a
/// service accepted it before.
#[derive(Debug)]
pub(crate) struct Stamp {
    pub(crate) header: HeaderValue,
    pub(crate) epoch: Epoch,
    pub(crate) was_accepted: bool,
}
