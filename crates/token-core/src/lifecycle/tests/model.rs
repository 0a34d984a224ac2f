//! What callers may expect, written a second time and more simply, and compared at every step.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::moves::{End, Move};
use super::*;

/// The token that callers may get.
#[derive(Clone, Debug)]
struct Token {
    data: TokenData,
    /// When its life began on the boot clock; `None` for a loaded one, which the wall judges.
    asked_at: Option<BootInstant>,
    published_at: BootInstant,
    rejected: bool,
    saved: bool,
    spent: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Aloft {
    pub(super) id: FlightId,
    abandoned: bool,
    cleared: bool,
}

/// A machine, the time, and what an onlooker knows.
#[derive(Clone, Debug)]
pub(super) struct Model {
    pub(super) machine: Lifecycle,
    pub(super) now: Now,
    pub(super) texts: u32,
    epoch: u64,
    token: Option<Token>,
    pub(super) flight: Option<Aloft>,
    /// The flight that was over last.
    pub(super) past: Option<FlightId>,
    /// No unforced flight may start before this moment.
    quiet_until: BootInstant,
    closed: bool,
    /// When a token was last renewed that was rejected though it was just minted.
    young_rejected: Option<BootInstant>,
    /// What the store holds was cleared here, and may still lie there.
    uncleared: bool,
    /// After the close: the text that no store has.
    unsaved: Option<AccessToken>,
}

impl Model {
    pub(super) fn new() -> Self {
        Self {
            machine: Lifecycle::new(RefreshPolicy::default()),
            now: ManualClock::default().now(),
            texts: 0,
            epoch: 0,
            token: None,
            flight: None,
            past: None,
            quiet_until: BootInstant::default(),
            closed: false,
            young_rejected: None,
            uncleared: false,
            unsaved: None,
        }
    }

    /// Makes one move and checks everything that must hold; `false` if it is impossible here.
    pub(super) fn step(&mut self, step: Move) -> bool {
        let Some(event) = step.event(self) else {
            return step.turn_the_clocks(&mut self.now);
        };
        let effects = self.machine.step(event.clone(), &self.now);
        self.check(&event, &effects);
        self.check_the_machine();
        true
    }

    fn check(&mut self, event: &Event, effects: &Effects) {
        match event {
            Event::Get { .. } | Event::Force(_) | Event::Reject { .. } => self.asked(event),
            Event::Clear { store_emptied } => {
                self.unsaved = None;
                if let Some(flight) = &mut self.flight {
                    flight.cleared = true;
                }
                self.uncleared = !store_emptied;
                self.young_rejected = None;
                self.withdrawn(effects, false);
            }
            Event::Close => {
                let token = self.token.take();
                let unsaved = token.filter(|token| !token.saved && !token.rejected);
                if !self.closed {
                    self.unsaved = unsaved.map(|token| token.data.token().clone());
                }
                let handed = effects.unsaved.as_ref();
                let handed = handed.map(|unsaved| unsaved.data.token());
                assert_eq!(handed, self.unsaved.as_ref(), "lost at the close");
                self.withdrawn(effects, true);
            }
            Event::Flushed => {
                self.unsaved = None;
                assert!(matches!(effects.publish, Publish::Keep));
            }
            Event::CredentialsChanged => self.quiet_until = self.now.boot,
            Event::Installed { minted, .. } => self.installed(minted, effects),
            Event::Stored { .. } => self.stored(),
            Event::FlightEnded { id, verdict, .. } => self.ended(*id, Some(verdict), effects),
            Event::FlightLost(id) => self.ended(*id, None, effects),
            Event::Observed { data, clears, .. } => self.observed(data, *clears, effects),
        }
        self.check_start(event, effects);
        self.check_answer(event, effects);
        self.check_publish(event, effects);
    }

    /// A rejection of the current token counts unless it was minted just now, and never accepted
    /// or the second of its kind.
    fn asked(&mut self, event: &Event) {
        let Event::Reject { epoch, accepted } = event else {
            return;
        };
        let now = self.now.boot;
        let is_young = |at: BootInstant| now.saturating_since(at) < secs(10);
        let again = self.young_rejected.is_some_and(is_young);
        let token = self.token.as_mut().filter(|token| !token.rejected);
        if let Some(token) = token.filter(|_| epoch.number() == self.epoch) {
            let just_minted = token.asked_at.is_some() && is_young(token.published_at);
            token.rejected = !just_minted || (*accepted && !again);
            if just_minted && token.rejected {
                self.young_rejected = Some(now);
            }
        }
    }

    fn withdrawn(&mut self, effects: &Effects, closed: bool) {
        assert!(matches!(effects.publish, Publish::Withdraw));
        self.token = None;
        self.closed |= closed;
        if let Some(flight) = &mut self.flight {
            flight.abandoned = true;
        }
        if !closed {
            self.quiet_until = self.now.boot;
        }
    }

    /// A flight that ended is over, whoever hears of it hears once, and what it brought is
    /// published only if it was neither abandoned nor rejected.
    fn ended(&mut self, id: FlightId, verdict: Option<&Verdict>, effects: &Effects) {
        let Some(flight) = self.flight.take_if(|flight| flight.id == id) else {
            assert!(effects.settled.is_none(), "a late end told somebody");
            assert!(matches!(effects.publish, Publish::Keep), "a late publish");
            return;
        };
        self.past = Some(id);
        let settled = effects.settled.as_ref().expect("the waiters are told");
        assert_eq!(settled.flight, id, "the waiters of another flight are told");
        assert!(!flight.abandoned || matches!(effects.publish, Publish::Keep));
        if let (Some(token), Some(Verdict::Failed { spent, .. })) = (&mut self.token, verdict) {
            token.spent |= spent;
        }
        let (data, asked_at, saved) = match verdict {
            Some(Verdict::Minted { minted, saved, .. }) => {
                (&minted.data, Some(minted.asked_at), *saved)
            }
            Some(Verdict::Adopted { data, .. }) => (data, None, true),
            Some(Verdict::Superseded { .. }) if !flight.abandoned => {
                return self.superseded(effects);
            }
            Some(Verdict::Superseded { .. }) | None => {
                assert!(matches!(effects.publish, Publish::Keep));
                return;
            }
            Some(Verdict::Failed { error, .. }) => return self.failed(&flight, error),
        };
        if self.closed && !flight.cleared && !saved {
            self.unsaved = Some(data.token().clone());
        }
        let rejected = self
            .token
            .as_ref()
            .is_some_and(|old| old.rejected && old.data.token() == data.token());
        if flight.abandoned || rejected {
            assert!(matches!(effects.publish, Publish::Keep));
            return;
        }
        self.epoch += 1;
        self.quiet_until = self.now.boot;
        self.uncleared &= !saved;
        self.token = Some(Token {
            data: data.clone(),
            asked_at,
            published_at: self.now.boot,
            rejected: false,
            saved,
            spent: false,
        });
    }

    /// Somebody else logged out: nothing is held any more.
    fn superseded(&mut self, effects: &Effects) {
        assert!(matches!(effects.publish, Publish::Withdraw));
        self.token = None;
        self.quiet_until = self.now.boot;
    }

    /// What was read from the store is news only where nothing is held and nothing was cleared
    /// since.
    fn observed(&mut self, data: &TokenData, clears: u64, effects: &Effects) {
        let outdated = self.uncleared || clears != self.machine.clears();
        if self.closed || self.token.is_some() || outdated {
            assert!(matches!(effects.publish, Publish::Keep));
            return;
        }
        assert!(matches!(effects.publish, Publish::Replace(_)));
        self.epoch += 1;
        self.token = Some(Token {
            data: data.clone(),
            asked_at: None,
            published_at: self.now.boot,
            rejected: false,
            saved: true,
            spent: false,
        });
    }

    /// It replaces whatever was held, and who waits for a flight asks again.
    fn installed(&mut self, minted: &Minted, effects: &Effects) {
        let rejected = self.token.as_ref().is_some_and(|old| {
            let same_text = old.data.token() == minted.data.token();
            old.rejected && same_text
        });
        if self.closed || rejected {
            assert!(matches!(effects.answer, Answer::Fail(_)));
            assert!(matches!(effects.publish, Publish::Keep) && effects.settled.is_none());
            return;
        }
        let told = effects.settled.as_ref();
        let flight = self.flight.take().map(|flight| flight.id);
        assert_eq!(told.map(|told| told.flight), flight);
        assert!(told.is_none_or(|told| told.result.is_none()), "ask again");
        self.past = flight.or(self.past);
        self.epoch += 1;
        self.quiet_until = self.now.boot;
        self.young_rejected = None;
        self.token = Some(Token {
            data: minted.data.clone(),
            asked_at: Some(minted.asked_at),
            published_at: self.now.boot,
            rejected: false,
            saved: false,
            spent: false,
        });
    }

    fn stored(&mut self) {
        if let Some(token) = &mut self.token {
            token.saved = true;
            self.uncleared = false;
        }
    }

    fn failed(&mut self, flight: &Aloft, error: &TokenError) {
        if !flight.abandoned {
            let wait = match error.class() {
                ErrorClass::Transient => Duration::from_millis(250),
                ErrorClass::Throttled(wait) => wait,
                ErrorClass::Refused | ErrorClass::Terminal => secs(60),
            };
            self.quiet_until = self.now.boot.saturating_add(wait);
        }
    }

    fn check_start(&mut self, event: &Event, effects: &Effects) {
        let Some(plan) = &effects.start else {
            return;
        };
        assert!(self.flight.is_none(), "a second flight");
        assert!(!self.closed, "a flight after the close");
        let forced = matches!(event, Event::Force(_));
        assert!(forced || self.now.boot >= self.quiet_until, "too early");
        assert!(!matches!(
            event,
            Event::Get {
                may_start: false,
                ..
            }
        ));
        assert_eq!(plan.discard, self.uncleared);
        let basis = plan.basis.as_ref();
        let knows = basis.map(|basis| {
            let facts = (basis.rejected, basis.saved, basis.spent);
            (basis.data.token(), facts)
        });
        let token = self.token.as_ref().map(|token| {
            let facts = (token.rejected, token.saved, token.spent);
            (token.data.token(), facts)
        });
        assert_eq!(knows, token);
        self.flight = Some(Aloft {
            id: plan.id,
            abandoned: false,
            cleared: false,
        });
    }

    fn check_answer(&self, event: &Event, effects: &Effects) {
        match &effects.answer {
            Answer::Serve(live) => {
                assert!(!self.closed, "served after the close");
                let token = self.token.as_ref().expect("only what was published");
                assert_eq!(live.data.token(), token.data.token());
                assert_eq!(live.epoch.number(), self.epoch);
                assert!(!token.rejected, "served a rejected token");
                self.check_alive(token, live);
                if let Event::Get { validity, .. } = event {
                    assert!(live.dead_at > self.now.boot.saturating_add(*validity));
                }
            }
            Answer::Wait {
                flight, ask_again, ..
            } => {
                let aloft = self.flight.as_ref().expect("nobody waits for nothing");
                assert_eq!((*flight, *ask_again), (aloft.id, aloft.abandoned));
            }
            Answer::Fail(TokenError::Closed) => assert!(self.closed),
            Answer::Fail(_) => assert!(effects.start.is_none()),
            Answer::Nothing => {}
        }
        if let Some(Some(Ok(live))) = effects.settled.as_ref().map(|settled| &settled.result) {
            assert!(live.dead_at > self.now.boot, "the waiters got a dead token");
        }
    }

    /// By the onlooker's own reckoning, not by the machine's.
    fn check_alive(&self, token: &Token, live: &Live) {
        assert!(live.dead_at > self.now.boot, "served at or past its death");
        match token.asked_at {
            Some(asked) => assert!(self.now.boot < asked.saturating_add(secs(95))),
            None => assert!(!token.data.is_expired(self.now.wall)),
        }
    }

    fn check_publish(&self, event: &Event, effects: &Effects) {
        let Publish::Replace(live) = &effects.publish else {
            return;
        };
        assert!(!self.closed, "published after the close");
        let token = self.token.as_ref().expect("only what a flight brought");
        assert!(!token.rejected, "published a rejected token");
        assert_eq!(
            live.epoch.number(),
            self.epoch,
            "not one higher than before"
        );
        assert_eq!(live.data.token(), token.data.token());
        let minted = matches!(event, Event::FlightEnded { .. } | Event::Installed { .. });
        let judged_again = !minted;
        assert!(!judged_again || token.asked_at.is_none());
    }

    fn check_the_machine(&self) {
        assert_eq!(self.machine.flight().is_some(), self.flight.is_some());
        let held = self.machine.held();
        let known = self
            .token
            .as_ref()
            .map(|token| (self.epoch, token.data.token()));
        assert_eq!(
            held.as_ref()
                .map(|live| (live.epoch.number(), live.data.token())),
            known
        );
    }

    /// Wherever things stand, a world that works again leads to a token.
    pub(super) fn check_progress(&self) {
        if self.closed {
            return;
        }
        let mut later = self.clone();
        later.step(Move::Ends(End::Minted));
        later.step(Move::Pass(95));
        later.step(Move::Get);
        later.step(Move::Ends(End::Minted));
        let (validity, may_start) = (Duration::ZERO, true);
        let get = Event::Get {
            validity,
            may_start,
        };
        let answer = later.machine.step(get, &later.now).answer;
        assert!(matches!(answer, Answer::Serve(_)), "no way on: {answer:?}");
    }

    /// What decides about everything that can still happen, with times as distances.
    pub(super) fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        let left = |at: BootInstant| at.saturating_since(self.now.boot);
        (self.closed, left(self.quiet_until)).hash(&mut hasher);
        let passed = |at: BootInstant| self.now.boot.saturating_since(at).min(secs(10));
        self.young_rejected.map(passed).hash(&mut hasher);
        let flight = self.flight.as_ref();
        let abandoned = flight.map(|flight| flight.abandoned);
        (abandoned, self.past.is_some()).hash(&mut hasher);
        (self.machine.clears() > 0, self.uncleared).hash(&mut hasher);
        let cleared = flight.is_some_and(|flight| flight.cleared);
        (self.unsaved.is_some(), cleared).hash(&mut hasher);
        if let (Some(token), Some(live)) = (&self.token, self.machine.held()) {
            (token.saved, token.spent).hash(&mut hasher);
            (token.rejected, left(live.refresh_at), left(live.dead_at)).hash(&mut hasher);
            let age = self.now.boot.saturating_since(token.published_at);
            (age.min(secs(10)), token.asked_at.is_some()).hash(&mut hasher);
            if let Some(judged_at) = live.judged_at {
                let drift = self
                    .now
                    .wall
                    .duration_since(judged_at.wall_at(self.now.boot));
                let age = self.now.wall.duration_since(token.data.obtained_at());
                (signed(drift), signed(age)).hash(&mut hasher);
            }
        }
        self.machine.spacing.stands(&self.now).hash(&mut hasher);
        hasher.finish()
    }
}

fn signed(distance: Result<Duration, std::time::SystemTimeError>) -> (bool, Duration) {
    match distance {
        Ok(ahead) => (true, ahead),
        Err(behind) => (false, behind.duration()),
    }
}
