//! Random scripts of faults: what must hold whatever happens.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use proptest::prelude::*;
use proptest::sample::select;
use token_core::{CallContext, Classify, Idempotency, StopReason};
use token_manager::PausedClock;
use tokio::time::{Instant, sleep};

use crate::catalogue::check;
use crate::fault::Fault::{self, *};
use crate::server::{Arrival, Protocol, Server};
use crate::stack::{ATTEMPTS, Client, PLAIN};

const CASES: u32 = 400;

/// What a server can do, without what takes a test long.
fn fault(protocol: Protocol) -> impl Strategy<Value = Fault> {
    let mut faults = vec![
        Refuse,
        StallConnect,
        ResetBeforeHead,
        HalfBody,
        StallHead,
        StallBody,
        Drip,
        ShortBody,
        CloseAfterNext,
        CloseAfter,
        Unauthorized,
        UnauthorizedAfter(2),
        TooMany(0),
        TooMany(3),
        TooMany(50),
        TooMany(90),
        Unavailable(None),
        Unavailable(Some(4)),
    ];
    match protocol {
        Protocol::Http1 => faults.extend([ResetWithinHead, LongBody]),
        Protocol::Http2 => faults.extend([RefuseStream, ResetStream, Goaway, GoawayAfter, CutBody]),
    }
    select(faults)
}

/// One caller.
#[derive(Clone, Debug)]
struct Caller {
    class: Idempotency,
    /// When it begins.
    after: Duration,
    /// Its deadline.
    total: Duration,
}

fn caller() -> impl Strategy<Value = Caller> {
    let classes = select(vec![
        Idempotency::Safe,
        Idempotency::Idempotent,
        Idempotency::OnlyIfUnprocessed,
        Idempotency::Never,
    ]);
    let totals = select(vec![3, 20, 60, 120]);
    (classes, 0_u64..4, totals).prop_map(|(class, after, total)| Caller {
        class,
        after: Duration::from_secs(after),
        total: Duration::from_secs(total),
    })
}

/// A server with its faults, and its callers. Over HTTP/2 there is one: there the fault of one request ends the
/// answers to the others, so that a client need not know what the server told it.
fn scenario() -> impl Strategy<Value = (Protocol, Vec<Fault>, Vec<Caller>)> {
    let over = |protocol, callers| {
        let faults = prop::collection::vec(fault(protocol), 0..8);
        let callers = prop::collection::vec(caller(), 1..=callers);
        (Just(protocol), faults, callers)
    };
    prop_oneof![over(Protocol::Http1, 4), over(Protocol::Http2, 1)]
}

async fn play(protocol: Protocol, faults: &[Fault], callers: &[Caller]) {
    let server = Server::new(protocol, faults);
    let client = Client::with_clock(&server, PLAIN, Arc::new(PausedClock::new()));
    client.tokens.get_token().await.unwrap();
    // Old enough for its rejection to be news.
    sleep(Duration::from_secs(3600)).await;
    let calls = callers.iter().enumerate().map(async |(number, caller)| {
        sleep(caller.after).await;
        let start = Instant::now();
        let call = CallContext::builder(caller.class)
            .with_deadline(start.into_std(), caller.total)
            .build();
        let path = format!("/{number}");
        let result = client.call_with(&path, &call).await;
        server.note(&format!(
            "{number} {:?}",
            result.as_ref().map(http::Response::status)
        ));
        (call, start.elapsed(), result)
    });
    let ends = join_all(calls).await;
    for (number, (call, elapsed, result)) in ends.iter().enumerate() {
        let own = of(&server, number);
        let trace = || format!("{number}: {:#?}", server.trace());
        check(
            &own,
            &server,
            callers[number].class,
            call,
            result.as_ref().err(),
        );
        // No sleep past the deadline, and none up to it: a wait that does not fit is not begun.
        assert!(*elapsed <= callers[number].total, "{}", trace());
        let stopped = result.as_ref().err().and_then(Classify::stopped);
        let timed_out = stopped.map(|stopped| stopped.reason())
            == Some(StopReason::Deadline(callers[number].total));
        let waited_for = |last: &Arrival| last.fault.is_some_and(takes_time);
        let is_busy = own.last().is_none_or(waited_for) || faults.contains(&StallConnect);
        // After a pause the request of one caller decides for the others, and may take long.
        let may_decide = callers.len() > 1 && faults.iter().copied().any(takes_time);
        let has_paused = faults.iter().any(|fault| fault.asks_to_wait().is_some());
        let waits_for_another = may_decide && has_paused;
        assert!(!timed_out || is_busy || waits_for_another, "{}", trace());
        // All layers together: the tries and one replay.
        let most = ATTEMPTS as usize + 1;
        assert!(own.len() <= most, "{}", trace());
        assert!(own.len() <= call.ledger().sends() as usize, "{}", trace());
        if callers[number].class == Idempotency::Never {
            let replays = own.iter().filter(|arrival| is_unauthorized(arrival));
            assert!(own.len() <= 1 + replays.count().min(1), "{}", trace());
        }
    }
    nobody_is_early(&server);
}

/// Whether the server keeps a client waiting, itself or because of the renewal that it causes.
const fn takes_time(fault: Fault) -> bool {
    matches!(
        fault,
        StallHead | StallBody | Drip | Unauthorized | UnauthorizedAfter(_)
    )
}

fn is_unauthorized(arrival: &Arrival) -> bool {
    matches!(arrival.fault, Some(Unauthorized | UnauthorizedAfter(_)))
}

fn of(server: &Server, number: usize) -> Vec<Arrival> {
    let path = format!("/{number}");
    let mut arrivals = server.arrivals();
    arrivals.retain(|arrival| arrival.path == path);
    arrivals
}

/// The wait that the server asks one caller for binds all of them. A replay is the one exception: it belongs to a try
/// that passed the gate before.
fn nobody_is_early(server: &Server) {
    let arrivals = server.arrivals();
    let is_replay = |index: usize| {
        let earlier = arrivals[..index].iter().rev();
        let mut own = earlier.filter(|other| other.path == arrivals[index].path);
        own.next().is_some_and(is_unauthorized)
    };
    for told in &arrivals {
        let Some(wait) = told.fault.and_then(Fault::asks_to_wait) else {
            continue;
        };
        let until = told.at + Duration::from_secs(wait.into());
        let is_early = |at: Duration| told.at < at && at < until;
        for (index, other) in arrivals.iter().enumerate() {
            let early = is_early(other.at) && !is_replay(index);
            assert!(!early, "{other:?}: {:#?}", server.trace());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() })]

    // W-A11, W-A16, W-A19, W-C13: pitfalls 3, 4, 5 and 15.
    #[test]
    fn no_script_of_faults_makes_a_call_happen_twice_too_early_too_late_or_too_often(
        (protocol, faults, callers) in scenario(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(play(protocol, &faults, &callers));
    }
}
