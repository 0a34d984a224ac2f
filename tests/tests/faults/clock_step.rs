//! A wall clock that is set while a call waits.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use token_core::{Clock, Idempotency, Now};
use token_manager::PausedClock;
use tokio::time::sleep;

use crate::fault::Fault::TooManyUntil;
use crate::server::{BOTH, Server};
use crate::stack::{Client, PLAIN, told};

/// tokio's time, with a wall clock that can be moved by whole seconds.
#[derive(Clone, Debug)]
struct Stepped {
    clock: PausedClock,
    step: Arc<AtomicI64>,
}

impl Clock for Stepped {
    fn now(&self) -> Now {
        let (mut now, step) = (self.clock.now(), self.step.load(Ordering::Relaxed));
        let distance = Duration::from_secs(step.unsigned_abs());
        now.wall = if step < 0 {
            now.wall - distance
        } else {
            now.wall + distance
        };
        now
    }
}

// W-A16, W-A30: pitfalls 3 and 22. The date is read once; the wait is measured by a clock that nobody sets.
#[tokio::test(start_paused = true)]
async fn a_step_of_the_wall_clock_neither_shortens_nor_lengthens_a_wait() {
    for protocol in BOTH {
        for step in [0, 2 * 3600, -2 * 3600, 365 * 86_400] {
            let server = Server::new(protocol, &[TooManyUntil(30)]);
            let clock = Stepped {
                clock: PausedClock::new(),
                step: Arc::default(),
            };
            let client = Client::with_clock(&server, PLAIN, Arc::new(clock.clone()));
            let call = client.call("/issue", Idempotency::OnlyIfUnprocessed);
            let set = async {
                sleep(Duration::from_secs(10)).await;
                clock.step.store(step, Ordering::Relaxed);
            };
            let (result, ()) = tokio::join!(call, set);
            assert_eq!(told(&result), "200 ok", "{step}");
            let [refused, done] = &server.arrivals()[..] else {
                panic!("{:#?}", server.trace());
            };
            assert!(refused.at < Duration::from_secs(1));
            let at = done.at.as_secs_f64();
            assert!((30.0..31.0).contains(&at), "{step}: {:#?}", server.trace());
        }
    }
}
