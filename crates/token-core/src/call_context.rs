//! The one value that travels with a request through all layers.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::Waker;
use std::time::{Duration, Instant};

use crate::{Idempotency, Ledger};

/// What all layers know about one call: its class, its deadline, its book of tries, how long its
/// token must stay valid. A clone is a reference count and shows the same call.
///
/// It is the only value that our crates put into a request's extensions.
#[derive(Clone)]
pub struct CallContext(Arc<Inner>);

struct Inner {
    idempotency: Idempotency,
    validity: Duration,
    anonymous: bool,
    deadline: OnceLock<Deadline>,
    ledger: Mutex<Ledger>,
    abort: Mutex<Option<AbortHandle>>,
    aborted: AtomicBool,
    /// Whether one of the two is set, so that most attempts have nothing to clear.
    watched: AtomicBool,
    cover: Mutex<Cover>,
}

/// Who sees to it that the call ends by its deadline.
#[derive(Default)]
struct Cover {
    timers: u32,
    /// When the only timer goes off; with several nothing is relied on.
    until: Option<Instant>,
    waiter: Option<Waker>,
}

#[derive(Clone, Copy)]
struct Deadline {
    at: Instant,
    total: Duration,
}

/// What an attempt leaves behind so that its time-out can tear the connection down.
pub type AbortHandle = Box<dyn FnOnce() + Send>;

impl CallContext {
    /// A call of this class, without a deadline and with no demand on its token.
    pub fn new(idempotency: Idempotency) -> Self {
        Self::builder(idempotency).build()
    }

    /// Starts the description of a call of this class.
    pub fn builder(idempotency: Idempotency) -> CallContextBuilder {
        CallContextBuilder {
            idempotency,
            validity: Duration::ZERO,
            anonymous: false,
            deadline: OnceLock::new(),
        }
    }

    /// Whether both are the same call.
    pub fn is_same_call(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// The class of the operation.
    #[inline]
    pub fn idempotency(&self) -> Idempotency {
        self.0.idempotency
    }

    /// How long the token must stay valid after it is handed out; zero unless demanded.
    #[inline]
    pub fn validity(&self) -> Duration {
        self.0.validity
    }

    /// The moment at which the whole call is over, on the monotonic clock.
    #[inline]
    pub fn deadline(&self) -> Option<Instant> {
        self.0.deadline.get().map(|deadline| deadline.at)
    }

    /// The time that the whole call may take, as it was asked for.
    pub fn total(&self) -> Option<Duration> {
        self.0.deadline.get().map(|deadline| deadline.total)
    }

    /// Whether the call goes out without a token.
    #[inline]
    pub fn is_anonymous(&self) -> bool {
        self.0.anonymous
    }

    /// Sets the deadline `total` after `now`, unless the call has one already: the first one
    /// stays, because inner layers may have planned with it.
    #[inline]
    pub fn start(&self, now: Instant, total: Duration) {
        if let Some(at) = now.checked_add(total) {
            let _ = self.0.deadline.set(Deadline { at, total });
        }
    }

    /// What is left of the call at `now`; `None` without a deadline.
    #[inline]
    pub fn remaining(&self, now: Instant) -> Option<Duration> {
        self.deadline()
            .map(|deadline| deadline.saturating_duration_since(now))
    }

    /// A copy of the book.
    pub fn ledger(&self) -> Ledger {
        *self.0.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes into the book; the answer is that of `write`.
    pub fn note<T>(&self, write: impl FnOnce(&mut Ledger) -> T) -> T {
        write(&mut self.0.ledger.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Registers how the attempt under way is torn down; an earlier handle is forgotten.
    pub fn on_abort(&self, handle: AbortHandle) {
        self.0.watched.store(true, Ordering::Release);
        self.0.aborted.store(false, Ordering::Release);
        *self.0.abort.lock().unwrap_or_else(PoisonError::into_inner) = Some(handle);
    }

    /// Whether the attempt under way was torn down. The transport asks, so that the head of an answer
    /// is not lost with a body that stalls.
    #[inline]
    pub fn is_aborted(&self) -> bool {
        self.0.aborted.load(Ordering::Acquire)
    }

    /// Forgets the handle: the attempt ended by itself.
    #[inline]
    pub fn clear_abort(&self) {
        if !self.0.watched.load(Ordering::Acquire) {
            return;
        }
        self.0.watched.store(false, Ordering::Release);
        self.0.aborted.store(false, Ordering::Release);
        self.0
            .abort
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
    }

    /// Tears the attempt under way down, once; without a handle nothing happens.
    pub fn abort_attempt(&self) {
        self.0.watched.store(true, Ordering::Release);
        self.0.aborted.store(true, Ordering::Release);
        let handle = self
            .0
            .abort
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(handle) = handle {
            handle();
        }
    }
}

impl CallContext {
    /// Says that a timer is set that goes off at `until`, no later than the call's deadline, and ends then
    /// what is under way. Until that moment, or until the value is dropped, whoever waits for the deadline
    /// further out needs no timer of his own.
    #[inline]
    pub fn cover_deadline(&self, until: Instant) -> DeadlineCover {
        let mut cover = self.lock_cover();
        cover.timers += 1;
        cover.until = (cover.timers == 1).then_some(until);
        let is_another = cover.timers > 1;
        let relying = cover.waiter.take_if(|_| is_another);
        drop(cover);
        if let Some(waker) = relying {
            waker.wake();
        }
        DeadlineCover(self.clone())
    }

    /// Has `waker` woken when nobody [covers](Self::cover_deadline) the deadline any more; the answer is
    /// whether somebody does at `now`. There is one such waker; the last one stays.
    #[inline]
    pub fn wake_when_uncovered(&self, now: Instant, waker: &Waker) -> bool {
        let mut cover = self.lock_cover();
        // A timer that went off has woken the task, and does so no second time.
        if cover.until.is_none_or(|until| until <= now) {
            return false;
        }
        cover
            .waiter
            .get_or_insert_with(|| waker.clone())
            .clone_from(waker);
        true
    }

    /// Has the waker of [`wake_when_uncovered`](Self::wake_when_uncovered) not be woken any more: its task is
    /// awake and about to look.
    #[inline]
    pub fn forget_waker(&self) {
        let waiter = self.lock_cover().waiter.take();
        drop(waiter);
    }

    fn lock_cover(&self) -> MutexGuard<'_, Cover> {
        self.0.cover.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A timer that ends what is under way by the call's deadline; see
/// [`CallContext::cover_deadline`].
#[derive(Debug)]
pub struct DeadlineCover(CallContext);

impl Drop for DeadlineCover {
    fn drop(&mut self) {
        let mut cover = self.0.lock_cover();
        cover.timers -= 1;
        let waiter = cover.until.take().and_then(|_| cover.waiter.take());
        drop(cover);
        if let Some(waker) = waiter {
            waker.wake();
        }
    }
}

impl fmt::Debug for CallContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallContext")
            .field("idempotency", &self.0.idempotency)
            .field("validity", &self.0.validity)
            .field("deadline", &self.deadline())
            .field("ledger", &self.ledger())
            .finish_non_exhaustive()
    }
}

/// Describes a call before it starts.
#[derive(Debug)]
pub struct CallContextBuilder {
    idempotency: Idempotency,
    validity: Duration,
    anonymous: bool,
    deadline: OnceLock<Deadline>,
}

impl CallContextBuilder {
    /// Demands that the token stays valid for at least this long after it is handed out; the
    /// default is zero.
    #[must_use]
    pub fn with_validity(mut self, validity: Duration) -> Self {
        self.validity = validity;
        self
    }

    /// Sends the call without a token; the default is with one.
    #[must_use]
    pub fn anonymous(mut self) -> Self {
        self.anonymous = true;
        self
    }

    /// Ends the whole call `total` after `now`; the default is no deadline.
    #[must_use]
    pub fn with_deadline(mut self, now: Instant, total: Duration) -> Self {
        self.deadline = now
            .checked_add(total)
            .map_or_else(OnceLock::new, |at| OnceLock::from(Deadline { at, total }));
        self
    }

    /// The described call.
    #[inline]
    pub fn build(self) -> CallContext {
        CallContext(Arc::new(Inner {
            idempotency: self.idempotency,
            validity: self.validity,
            anonymous: self.anonymous,
            deadline: self.deadline,
            ledger: Mutex::default(),
            abort: Mutex::default(),
            aborted: AtomicBool::new(false),
            watched: AtomicBool::new(false),
            cover: Mutex::default(),
        }))
    }
}

impl fmt::Debug for Deadline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.at.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU32;
    use std::task::Wake;

    use super::*;

    #[test]
    fn the_first_deadline_stays() {
        let now = Instant::now();
        let call = CallContext::new(Idempotency::Safe);
        assert_eq!(call.remaining(now), None);
        call.start(now, Duration::from_secs(10));
        call.start(now, Duration::from_secs(99));
        assert_eq!(call.remaining(now), Some(Duration::from_secs(10)));
        assert_eq!(
            call.remaining(now + Duration::from_secs(11)),
            Some(Duration::ZERO)
        );
        assert_eq!(call.total(), Some(Duration::from_secs(10)));
    }

    #[test]
    fn a_total_time_beyond_the_end_of_time_is_no_deadline() {
        let call = CallContext::builder(Idempotency::Safe)
            .with_deadline(Instant::now(), Duration::MAX)
            .build();
        assert_eq!(call.deadline(), None);
    }

    #[test]
    fn an_attempt_is_aborted_once_and_clones_share_the_call() {
        static ABORTS: AtomicU32 = AtomicU32::new(0);
        let call = CallContext::new(Idempotency::Never);
        call.clone().on_abort(Box::new(|| {
            ABORTS.fetch_add(1, Ordering::Relaxed);
        }));
        call.abort_attempt();
        call.abort_attempt();
        assert_eq!(ABORTS.load(Ordering::Relaxed), 1);
        assert!(call.is_aborted());
        call.clear_abort();
        assert!(!call.is_aborted(), "the next attempt is another one");
        call.clone().note(Ledger::note_attempt);
        assert_eq!(call.ledger().attempts(), 1);
    }

    #[derive(Default)]
    struct Woken(AtomicU32);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    //
    #[test]
    fn who_relies_on_the_timer_of_others_is_woken_when_it_is_gone() {
        let woken = Arc::new(Woken::default());
        let waker = Waker::from(Arc::clone(&woken));
        let times = || woken.0.load(Ordering::Relaxed);
        let call = CallContext::new(Idempotency::Safe);
        let start = Instant::now();
        let later = |seconds| start + Duration::from_secs(seconds);
        let relies_at = |seconds| call.wake_when_uncovered(later(seconds), &waker);
        assert!(!relies_at(0), "nobody covers it yet");

        let cover = call.clone().cover_deadline(later(10));
        assert!(relies_at(0) && relies_at(9));
        assert!(!relies_at(10), "it went off");
        assert_eq!(times(), 0);
        drop(cover);
        assert_eq!(times(), 1);
        assert!(!relies_at(0));

        let cover = call.cover_deadline(later(10));
        assert!(relies_at(0));
        call.forget_waker();
        drop(cover);
        assert_eq!(times(), 1, "his task was awake");
    }

    // which of several goes off first, and which is gone, is not looked after.
    #[test]
    fn nobody_relies_on_several_timers() {
        let call = CallContext::new(Idempotency::Safe);
        let start = Instant::now();
        let relies = || call.wake_when_uncovered(start, Waker::noop());
        let one = call.cover_deadline(start + Duration::from_secs(10));
        assert!(relies());
        let two = call.cover_deadline(start + Duration::from_secs(20));
        assert!(!relies());
        drop(two);
        assert!(!relies());
        drop(one);
        let _again = call.cover_deadline(start + Duration::from_secs(30));
        assert!(relies());
    }
}
