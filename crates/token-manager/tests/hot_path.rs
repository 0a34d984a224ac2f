//! What it costs to read a fresh token. This is a program of its own, because its allocator
//! counts.

use std::hint::black_box;
use std::time::Duration;

use allocation_counter::{AllocationInfo, measure};
use token_core::Clock;
use token_manager::{PausedClock, ScriptedProvider, SystemClock, TokenManager};

const READS: u64 = 1_000;

/// A manager that holds a fresh token, and whose thread has read it once.
async fn warm_manager(clock: impl Clock) -> TokenManager {
    let provider = ScriptedProvider::with_latency(Duration::ZERO);
    let manager = TokenManager::builder(provider).clock(clock).build();
    manager.get_token().await.expect("the script is endless");
    assert!(manager.try_current().is_some());
    manager
}

fn reads(read: impl Fn()) -> AllocationInfo {
    measure(|| (0..READS).for_each(|_| read()))
}

#[test]
fn the_counter_counts() {
    let counted = reads(|| drop(black_box(Box::new(0_u64))));
    assert_eq!(counted.count_total, READS);
}

// W-A07, C-49: owned and borrowed, by a clock of one's own and by the machine's.
#[tokio::test(start_paused = true)]
async fn reading_a_fresh_token_allocates_nothing() {
    let managers = [
        warm_manager(PausedClock::new()).await,
        warm_manager(SystemClock::default()).await,
    ];
    for manager in managers {
        let counted = reads(|| assert!(black_box(manager.try_current()).is_some()));
        assert_eq!((counted.count_total, counted.bytes_total), (0, 0));
        let counted = reads(|| assert!(black_box(manager.borrow_current()).is_some()));
        assert_eq!((counted.count_total, counted.bytes_total), (0, 0));
    }
}

// A-23, W-A07: no copy of the token is made on the heap.
#[tokio::test(start_paused = true)]
async fn getting_a_held_token_allocates_nothing() {
    use futures_util::FutureExt;

    let manager = warm_manager(PausedClock::new()).await;
    let counted = reads(|| {
        let token = manager.get_token().now_or_never();
        assert!(black_box(token).is_some_and(|token| token.is_ok()));
    });
    assert_eq!((counted.count_total, counted.bytes_total), (0, 0));
}

// a stale token is served without a copy too, while its renewal is under way.
#[tokio::test(start_paused = true)]
async fn reading_a_stale_token_allocates_nothing_once_its_renewal_is_under_way() {
    let manager = warm_manager(PausedClock::new()).await;
    tokio::time::advance(Duration::from_secs(86_400 - 60)).await;
    assert!(manager.try_current().is_some(), "and the flight is spawned");
    let counted = reads(|| drop(black_box(manager.try_current())));
    assert_eq!((counted.count_total, counted.bytes_total), (0, 0));
}

// nobody waits for the renewal of a token that is still usable, and nobody pays for it.
#[tokio::test(start_paused = true)]
async fn getting_a_token_while_it_is_renewed_neither_waits_nor_allocates() {
    use futures_util::FutureExt;

    let provider = ScriptedProvider::with_latency(Duration::from_millis(500));
    let builder = TokenManager::builder(provider.clone()).clock(PausedClock::new());
    let manager = builder.build();
    manager.get_token().await.expect("the script is endless");
    tokio::time::advance(Duration::from_secs(86_400 - 60)).await;
    manager.get_token().await.expect("the held one");

    let mut answers = 0;
    while provider.refreshes() == 0 || epoch(&manager) == 1 {
        let counted = reads(|| {
            let token = manager.get_token().now_or_never();
            assert!(token.expect("it never waits").is_ok());
        });
        assert_eq!((counted.count_total, counted.bytes_total), (0, 0));
        answers += 1;
        tokio::time::advance(Duration::from_millis(50)).await;
        tokio::task::yield_now().await;
    }
    assert_eq!((provider.obtains(), provider.refreshes()), (1, 1));
    assert!(answers >= 10, "{answers} times in half a second");
}

fn epoch(manager: &TokenManager) -> u64 {
    let current = manager.borrow_current();
    current.map_or(0, |current| current.epoch().number())
}
