//! The time of `runtime.rs` as a model check sees it: it stands until somebody lets it pass, and
//! then goes from timer to timer, at any moment at which another thread could go on.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::time::Instant;

std::thread_local! {
    /// All threads of a model are on one real thread, and share this.
    static TIME: RefCell<Time> = RefCell::new(Time::new());
}

struct Time {
    now: Instant,
    timers: Vec<Timer>,
    /// How many timers there were.
    numbers: u64,
    /// Who lets the time pass, while there is no timer.
    idle: Option<Waker>,
}

struct Timer {
    at: Instant,
    number: u64,
    waker: Waker,
}

impl Time {
    fn new() -> Self {
        Self {
            now: Instant::now(),
            timers: Vec::new(),
            numbers: 0,
            idle: None,
        }
    }

    fn number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }

    /// Goes on to the next timer.
    fn ring(&mut self) -> Option<Waker> {
        let timers = self.timers.iter().enumerate();
        let (next, _) = timers.min_by_key(|(_, timer)| (timer.at, timer.number))?;
        let timer = self.timers.remove(next);
        self.now = self.now.max(timer.at);
        Some(timer.waker)
    }
}

pub(crate) fn now() -> Instant {
    TIME.with_borrow(|time| time.now)
}

/// The time passes by so much, at once.
pub(crate) fn pass(by: Duration) {
    TIME.with_borrow_mut(|time| time.now += by);
}

/// Lets the time pass from now on, in a thread of its own.
pub(crate) fn start() {
    drop(shuttle::future::spawn(std::future::poll_fn(tick)));
}

fn tick(context: &mut Context<'_>) -> Poll<()> {
    let rings = TIME.with_borrow_mut(|time| {
        let rings = time.ring();
        if rings.is_none() {
            time.idle = Some(context.waker().clone());
        }
        rings
    });
    if let Some(waker) = rings {
        waker.wake();
        context.waker().wake_by_ref();
    }
    Poll::Pending
}

pub(crate) struct Sleep {
    at: Instant,
    number: u64,
}

pub(crate) fn sleep_until(at: Instant) -> Sleep {
    let number = TIME.with_borrow_mut(Time::number);
    Sleep { at, number }
}

impl Sleep {
    fn forget(&self, time: &mut Time) {
        time.timers.retain(|timer| timer.number != self.number);
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let idle = TIME.with_borrow_mut(|time| {
            self.forget(time);
            if time.now >= self.at {
                return Err(());
            }
            time.timers.push(Timer {
                at: self.at,
                number: self.number,
                waker: context.waker().clone(),
            });
            Ok(time.idle.take())
        });
        match idle {
            Err(()) => Poll::Ready(()),
            Ok(idle) => {
                idle.iter().for_each(Waker::wake_by_ref);
                Poll::Pending
            }
        }
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        TIME.with_borrow_mut(|time| self.forget(time));
    }
}

/// Forgets the timers of the execution before. A model's time may go on where it was.
pub(crate) fn reset() {
    TIME.with_borrow_mut(|time| {
        time.timers.clear();
        time.idle = None;
    });
}
