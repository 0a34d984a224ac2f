//! A driver that may meet every possible answer, and checks every step.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::*;

/// No flight takes more steps than this.
const LONGEST: u32 = 24;

/// As long as the first pause between two tries for the lease, so that one look fits in.
const MOMENT: Duration = Duration::from_millis(50);

/// One flight under way, and what its driver has seen of it.
#[derive(Clone)]
pub(super) struct Trip {
    flight: Flight,
    now: Now,
    /// In milliseconds.
    passed: u64,
    step: Step,
    rejected: bool,
    leased: bool,
    held_elsewhere: bool,
    releases: u32,
    refreshes: u32,
    logins: u32,
    steps: u32,
    generation: u64,
    /// The refresh failed in a way that must lead to a login.
    owes_a_login: bool,
    /// The generations whose refresh tokens may be spent, by us or by an earlier holder.
    spent: Vec<u64>,
    /// The record that was seen in the store last.
    known: Option<TokenData>,
    /// Whether that was at the last look.
    readable: bool,
    /// The generation that the first look found.
    found: Option<u64>,
    /// What somebody else's lease or store said last is a reason to look into the store.
    has_news: bool,
    /// The store called itself changed while we waited.
    changed: bool,
}

impl Trip {
    pub(super) fn new(given: Given) -> Self {
        let rejected = given.rejected;
        let generation = if given.basis.is_some() { 5 } else { 0 };
        let mut ride = given.flies();
        Self {
            step: ride.next(Input::Start),
            now: ride.now(),
            passed: 0,
            flight: ride.flight,
            rejected,
            leased: false,
            held_elsewhere: false,
            releases: 0,
            refreshes: 0,
            logins: 0,
            steps: 0,
            generation,
            owes_a_login: false,
            spent: Vec::new(),
            known: None,
            readable: true,
            found: None,
            has_news: true,
            changed: false,
        }
    }

    pub(super) fn is_over(&self) -> bool {
        matches!(self.step, Step::Done(_))
    }

    /// Every answer that the world could give to the step that is asked for.
    pub(super) fn answers(&self) -> Vec<Input> {
        match &self.step {
            Step::Lease => leases().map(Input::Lease).collect(),
            Step::Wait { watch, .. } => {
                // One change is enough: it may bring anything.
                let changes = *watch && !self.changed;
                let ends = if changes {
                    &[false, true][..]
                } else {
                    &[false]
                };
                ends.iter()
                    .map(|&changed| Input::Waited { changed })
                    .collect()
            }
            Step::Load => self.stored().map(Input::Loaded).collect(),
            Step::Refresh { .. } => self.refreshed().collect(),
            Step::Login { .. } => self.logged_in().collect(),
            Step::Commit { .. } => self.committed().map(Input::Committed).collect(),
            Step::Release { .. } => vec![Input::Released],
            Step::Done(_) => Vec::new(),
        }
    }

    fn stored(&self) -> impl Iterator<Item = Option<Stored>> {
        let next = self.generation + 1;
        let records = [
            (None, self.generation),
            (None, next),
            (Some(record("old", HOUR)), self.generation),
            (Some(record("old", Duration::ZERO)), next),
            (Some(record("peer", secs(60))), next),
            (Some(record("older", HOUR * 2)), self.generation),
            (Some(record("ended", DAY)), next),
        ];
        let readable = records.map(|(data, generation)| Some(stored(data, generation)));
        readable.into_iter().chain([None])
    }

    fn refreshed(&self) -> impl Iterator<Item = Input> + use<> {
        let asked = self.now;
        let limit = TokenError::RateLimited(RateLimited::new(secs(90)));
        let results = [
            Ok(assumed("new")),
            Ok(assumed("old")),
            Ok(stated("new", DAY)),
            Ok(stated("new", secs(60))),
            Ok(stated("new", Duration::ZERO)),
            Err(limit),
            Err(failure(ErrorClass::Transient)),
            Err(unsent()),
            Err(failure(ErrorClass::Terminal)),
        ];
        let input = move |result| Input::Refreshed { result, asked };
        results.into_iter().map(input)
    }

    fn logged_in(&self) -> impl Iterator<Item = Input> + use<> {
        let asked = self.now;
        let results = [
            Ok(assumed("new")),
            Ok(assumed("old")),
            Ok(stated("new", Duration::ZERO)),
            Err(failure(ErrorClass::Transient)),
            Err(failure(ErrorClass::Refused)),
        ];
        let input = move |result| Input::LoggedIn { result, asked };
        results.into_iter().map(input)
    }

    fn committed(&self) -> impl Iterator<Item = CommitAnswer> {
        let generation = self.generation + 1;
        let longer = |text| {
            let obtained_at = record("x", Duration::ZERO).obtained_at();
            TokenData::with_lifetime(token(text), obtained_at, DAY * 2)
        };
        let records = [
            None,
            Some(record("older", HOUR)),
            Some(longer("peer")),
            Some(longer("old")),
        ];
        let conflict = move |data| CommitAnswer::Conflict(stored(data, generation));
        let stored = CommitAnswer::Stored { generation };
        let others = [stored, CommitAnswer::Failed];
        records.into_iter().map(conflict).chain(others)
    }

    /// The time that an answer takes: a moment, or what is left of this quarter of a minute.
    pub(super) fn passes(&self) -> Duration {
        let slot = secs(15);
        match self.step {
            Step::Wait { .. } | Step::Load if self.held_elsewhere => MOMENT,
            _ => slot - Duration::from_millis(self.passed % 15_000),
        }
    }

    /// Gives this answer, lets `passes` go by, and checks the step that follows.
    pub(super) fn take(&mut self, input: Input, passes: Duration) {
        let woken = matches!(input, Input::Waited { changed: true });
        self.notes(&input);
        self.now.boot = self.now.boot.saturating_add(passes);
        self.now.wall += passes;
        self.passed += u64::try_from(passes.as_millis()).unwrap();
        self.step = self.flight.next(input, &self.now);
        self.steps += 1;
        assert!(self.steps <= LONGEST, "a flight without end");
        assert!(!woken || matches!(self.step, Step::Load), "does not look");
        self.check();
    }

    fn notes(&mut self, input: &Input) {
        match input {
            Input::Lease(answer) => {
                self.leased = matches!(answer, LeaseAnswer::Acquired { .. });
                if let LeaseAnswer::Acquired { sent, .. } = answer {
                    self.spent = sent.iter().copied().collect();
                }
                self.held_elsewhere = matches!(answer, LeaseAnswer::Held { .. });
                let noted = matches!(answer, LeaseAnswer::Held { failed: Some(_) });
                self.has_news = noted || !self.readable || self.found.is_none();
            }
            Input::Waited { changed } => {
                self.has_news = *changed;
                self.changed |= changed;
            }
            Input::Loaded(Some(stored)) | Input::Committed(CommitAnswer::Conflict(stored)) => {
                self.readable = true;
                self.generation = stored.generation;
                self.known.clone_from(&stored.data);
                self.found.get_or_insert(stored.generation);
            }
            Input::Refreshed { result, .. } => {
                let error = result.as_ref().err().map(TokenError::class);
                let waits = matches!(error, Some(ErrorClass::Throttled(_)));
                self.owes_a_login = error.is_some() && !waits;
                let spends = self.flight.settings.renewal == Renewal::RefreshToken;
                let unsent = result.as_ref().is_err_and(|error| error.sent() == Sent::No);
                if spends && !waits && !unsent {
                    self.spent.push(self.generation);
                }
            }
            Input::LoggedIn { .. } => self.owes_a_login = false,
            Input::Committed(CommitAnswer::Stored { generation }) => self.generation = *generation,
            Input::Loaded(None) => self.readable = false,
            Input::Start | Input::Committed(_) | Input::Released => {}
        }
    }

    fn check(&mut self) {
        match &self.step {
            Step::Lease => assert!(!self.leased, "asks for a lease that it has"),
            Step::Wait { .. } => assert!(self.held_elsewhere, "waits for nobody"),
            Step::Load => assert!(
                !self.held_elsewhere || self.has_news,
                "reads it for nothing"
            ),
            Step::Refresh { token, .. } => {
                self.refreshes += 1;
                assert_eq!((self.refreshes, self.logins), (1, 0), "a second try");
                assert!(!self.held_elsewhere, "beside a live holder");
                assert!(!token.is_expired(self.now.wall), "refreshes a dead token");
                let itself = self.flight.settings.renewal == Renewal::AccessToken;
                assert!(!itself || !self.is_rejected(token));
                let by_token = self.flight.settings.renewal == Renewal::RefreshToken;
                assert!(!by_token || !self.counts_as_spent(), "spent twice");
            }
            Step::Login { within } => {
                self.logins += 1;
                assert_eq!(self.logins, 1, "a second login");
                assert!(!self.held_elsewhere, "beside a live holder");
                assert!(*within <= self.flight.settings.budget);
            }
            Step::Commit { data, expected } => {
                assert_eq!(*expected, self.generation, "not what was seen last");
                assert!(
                    !self.loses_a_newer_token(data),
                    "a token that lives longer is lost"
                );
                assert!(!self.is_rejected(data), "commits a rejected text");
                assert!(self.refreshes + self.logins > 0);
            }
            Step::Release { spent, .. } => {
                assert_eq!(*spent, self.counts_as_spent(), "a wrong mark");
                self.releases += 1;
                assert!(self.leased, "gives back what it does not have");
                assert_eq!(self.releases, 1, "a second release");
                self.leased = false;
            }
            Step::Done(verdict) => self.check_end(verdict),
        }
    }

    /// Where the store cannot be read, a mark of a later generation is about what replaced ours.
    fn counts_as_spent(&self) -> bool {
        let mut spent = self.spent.iter();
        spent.any(|&sent| sent == self.generation || (!self.readable && sent > self.generation))
    }

    fn check_end(&self, verdict: &Verdict) {
        assert!(!self.leased, "keeps the lease");
        assert!(!self.owes_a_login, "a failed refresh without a login");
        let data = match verdict {
            Verdict::Minted { minted, .. } | Verdict::Superseded { minted, .. } => {
                assert!(self.refreshes + self.logins > 0, "minted from nothing");
                &minted.data
            }
            Verdict::Adopted { data, .. } => {
                assert_ne!(self.flight.goal, Goal::Login, "adopted on demand");
                assert!(!data.is_expired(self.now.wall), "adopted a dead token");
                let untried = self.refreshes + self.logins == 0;
                let is_old = untried && self.found == Some(self.generation);
                let on_demand = self.flight.goal == Goal::Refresh;
                assert!(
                    !on_demand || !is_old,
                    "adopted what was there before the demand"
                );
                data
            }
            Verdict::Failed { .. } => return,
        };
        assert!(!self.is_rejected(data), "the rejected text comes back");
    }

    /// A record that lives longer is overwritten by a login on demand and after a rejection alone,
    /// and where it is the one that the flight renews.
    fn loses_a_newer_token(&self, data: &TokenData) -> bool {
        let Some(known) = self.known.as_ref().filter(|known| !self.is_rejected(known)) else {
            return false;
        };
        let renewed = self
            .flight
            .basis
            .as_ref()
            .is_some_and(|basis| basis.data == *known);
        let on_demand = self.flight.goal == Goal::Login;
        let dead = known.is_expired(self.now.wall);
        !renewed && !on_demand && !dead && known.expires_at() > data.expires_at()
    }

    fn is_rejected(&self, data: &TokenData) -> bool {
        self.rejected && *data.token() == token("old")
    }

    /// What decides about everything that can still happen.
    pub(super) fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        let mut flight = self.flight.clone();
        // Generations grow: all that counts is whether there was one since.
        flight.found = flight
            .found
            .map(|found| found.max(self.generation.saturating_sub(1)));
        // The step tells whether it waits; how long is a matter of the table.
        flight.pace = Pace::new(&self.now);
        let basis = flight
            .basis
            .as_ref()
            .map(|basis| (&basis.data, basis.rejected));
        let minted = flight.minted.as_ref().map(|(minted, _)| &minted.data);
        // Debug output hides the texts, so they are hashed beside it.
        let texts = [basis.map(|(data, _)| data), minted];
        texts
            .map(|data| data.map(|data| data.token().expose_secret()))
            .hash(&mut hasher);
        format!("{flight:?} {:?}", self.step).hash(&mut hasher);
        (self.now.boot, self.leased, self.held_elsewhere).hash(&mut hasher);
        (self.refreshes, self.logins, self.generation).hash(&mut hasher);
        self.changed.hash(&mut hasher);
        hasher.finish()
    }
}

fn unsent() -> TokenError {
    let failure = TokenFailure::new(ErrorClass::Transient, "scripted");
    TokenError::RefreshFailed(failure.with_sent(Sent::No))
}

fn leases() -> impl Iterator<Item = LeaseAnswer> {
    let noted = Some(FailedElsewhere {
        class: ErrorClass::Refused,
        wait: secs(30),
    });
    let mut answers = vec![LeaseAnswer::Unavailable];
    for failed in [None, noted] {
        answers.push(LeaseAnswer::Held { failed });
        for sent in [None, Some(5), Some(6)] {
            answers.push(LeaseAnswer::Acquired { sent, failed });
        }
    }
    answers.into_iter()
}
