//! What comes of each fault: for the transport alone, for a call that may be repeated, and for one
//! that must not happen twice.

use std::sync::Arc;
use std::time::Duration;

use token_core::{CallContext, Classify, Failure, Idempotency, Outcome, Sent};
use token_manager::PausedClock;
use tokio::time::timeout;
use tower::ServiceExt;
use transport::CallError;

use crate::fault::Fault::{self, *};
use crate::server::{Arrival, BOTH, Protocol, Server};
use crate::stack::{Client, PLAIN, SECURE, request, told};

/// One row of the catalogue.
pub(crate) struct Case {
    pub(crate) fault: Fault,
    pub(crate) over: &'static [Protocol],
    /// What the transport alone makes of it.
    alone: Expected,
    /// How long that takes, in seconds.
    seconds: u64,
    /// The calls through the whole stack: first one that is safe to repeat, then one that is repeated only
    /// if the earlier try was certainly not processed.
    safe: Call,
    careful: Call,
}

/// What the transport says.
enum Expected {
    Fails(Failure, Sent),
    Answers(u16),
}

/// How often a call reaches the server, and how it ends.
pub(crate) struct Call(pub(crate) usize, pub(crate) End);

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum End {
    Done,
    Fails,
    Answers(u16),
}

use End::{Answers, Done, Fails};
use Expected::Answers as Status;
use Expected::Fails as Error;

/// No fault keeps the transport busy for this long.
const PATIENCE: Duration = Duration::from_secs(3600);

const HTTP1: &[Protocol] = &[Protocol::Http1];
const HTTP2: &[Protocol] = &[Protocol::Http2];

/// Fault · over · the transport alone · its seconds · safe to repeat · only if unprocessed.
#[rustfmt::skip]
pub(crate) const CATALOGUE: &[Case] = &[
    // Nothing was sent: everybody may try again. Who shows a wrong certificate today does so in a second, too.
    case(Refuse,            &BOTH, Error(Failure::Connect, Sent::No),         0,   Call(1, Done),  Call(1, Done)),
    case(StallConnect,      &BOTH, Error(Failure::Connect, Sent::No),         10,  Call(1, Done),  Call(1, Done)),
    case(StallTls,          &BOTH, Error(Failure::Connect, Sent::No),         10,  Call(1, Done),  Call(1, Done)),
    case(ClearText,         &BOTH, Error(Failure::Tls, Sent::No),             0,   Call(0, Fails), Call(0, Fails)),
    // HTTP/2 has a word for it.
    case(RefuseStream,      HTTP2, Error(Failure::Interrupted, Sent::No),     0,   Call(2, Done),  Call(2, Done)),

    // No answer is no sign that nothing was done.
    case(ResetBeforeHead,   &BOTH, Error(Failure::Interrupted, Sent::Maybe),  0,   Call(2, Done),  Call(1, Fails)),
    case(ResetWithinHead,   HTTP1, Error(Failure::Interrupted, Sent::Maybe),  0,   Call(2, Done),  Call(1, Fails)),
    case(ResetStream,       HTTP2, Error(Failure::Interrupted, Sent::Maybe),  0,   Call(2, Done),  Call(1, Fails)),
    case(Goaway,            HTTP2, Error(Failure::Interrupted, Sent::Maybe),  0,   Call(2, Done),  Call(1, Fails)),
    case(StallHead,         HTTP1, Error(Failure::Timeout, Sent::Maybe),      30,  Call(2, Done),  Call(1, Fails)),
    case(StallHead,         HTTP2, Error(Failure::Timeout, Sent::Maybe),      40,  Call(2, Done),  Call(1, Fails)),

    // Half an answer is none, and the server did read the request.
    case(HalfBody,          &BOTH, Error(Failure::Interrupted, Sent::Yes),    0,   Call(2, Done),  Call(1, Fails)),
    case(CutBody,           HTTP2, Error(Failure::Interrupted, Sent::Yes),    0,   Call(2, Done),  Call(1, Fails)),
    case(ShortBody,         &BOTH, Error(Failure::Interrupted, Sent::Yes),    0,   Call(2, Done),  Call(1, Fails)),
    case(LongBody,          HTTP2, Error(Failure::Interrupted, Sent::Yes),    0,   Call(2, Done),  Call(1, Fails)),
    case(StallBody,         HTTP1, Error(Failure::Timeout, Sent::Yes),        30,  Call(2, Done),  Call(1, Fails)),
    case(StallBody,         HTTP2, Error(Failure::Interrupted, Sent::Yes),    40,  Call(2, Done),  Call(1, Fails)),
    case(Drip,              &BOTH, Status(200),                               100, Call(2, Done),  Call(1, Fails)),

    // The next try would bring the same. Over HTTP/2 such a head ends the connection, which says less.
    case(HugeHead,          HTTP1, Error(Failure::Protocol, Sent::Yes),       0,   Call(1, Fails), Call(1, Fails)),
    case(HugeHead,          HTTP2, Error(Failure::Interrupted, Sent::Maybe),  0,   Call(2, Done),  Call(1, Fails)),
    case(EndlessBody,       &BOTH, Error(Failure::TooLarge, Sent::Yes),       0,   Call(1, Fails), Call(1, Fails)),

    // The answer is there; only the connection is lost.
    case(LongBody,          HTTP1, Status(200),                               0,   Call(1, Done),  Call(1, Done)),
    case(CloseAfter,        &BOTH, Status(200),                               0,   Call(1, Done),  Call(1, Done)),
    case(GoawayAfter,       HTTP2, Status(200),                               0,   Call(1, Done),  Call(1, Done)),

    // The server says what it did. A token that was just minted is not renewed (see `unauthorized` for others).
    case(Unauthorized,      &BOTH, Status(401),                               0,   Call(1, Answers(401)), Call(1, Answers(401))),
    case(TooMany(5),        &BOTH, Status(429),                               0,   Call(2, Done),  Call(2, Done)),
    case(TooMany(90),       &BOTH, Status(429),                               0,   Call(1, Fails), Call(1, Fails)),
    case(Unavailable(None), &BOTH, Status(503),                               0,   Call(2, Done),  Call(1, Answers(503))),
    case(Unavailable(Some(5)), &BOTH, Status(503),                            0,   Call(2, Done),  Call(1, Answers(503))),
];

const fn case(
    fault: Fault,
    over: &'static [Protocol],
    alone: Expected,
    seconds: u64,
    safe: Call,
    careful: Call,
) -> Case {
    Case {
        fault,
        over,
        alone,
        seconds,
        safe,
        careful,
    }
}

impl Case {
    /// TLS is spoken where it is the point.
    pub(crate) fn origin(&self) -> &'static str {
        match self.fault {
            StallTls | ClearText => SECURE,
            _ => PLAIN,
        }
    }
}

// W-A11, C-40, C-44: pitfalls 4, 5, 8 and 18.
#[tokio::test(start_paused = true)]
async fn the_transport_alone_says_what_failed_and_what_was_sent() {
    for case in CATALOGUE {
        for protocol in case.over {
            let (server, call) = (
                Server::new(*protocol, &[case.fault]),
                CallContext::new(Idempotency::Safe),
            );
            let transport = server.transport();
            let request = request(case.origin(), "/issue", &call);
            let answer = transport.clone().oneshot(request);
            let result = timeout(PATIENCE, answer).await.unwrap_or_else(|_| {
                panic!("{protocol:?} {:?}: no end", case.fault);
            });
            let name = format!("{protocol:?} {:?}: {result:?}", case.fault);
            match (&result, &case.alone) {
                (Ok(answer), Status(status)) => assert_eq!(answer.status(), *status, "{name}"),
                (Err(error), Error(failure, sent)) => {
                    let (failure, sent) = (*failure, *sent);
                    assert_eq!(error.outcome(), Outcome::Failed { sent, failure }, "{name}");
                }
                _ => panic!("{name}"),
            }
            let arrived = !server.arrivals().is_empty();
            let certain = matches!(case.alone, Error(_, Sent::No)) && case.fault != RefuseStream;
            assert_eq!(arrived, !certain, "{name}");
            assert_eq!(server.elapsed().as_secs(), case.seconds, "{name}");
        }
    }
}

// W-A11, W-A12, W-C13: what must not happen twice happens once, through every layer together.
#[tokio::test(start_paused = true)]
async fn each_fault_causes_the_repetitions_that_the_class_of_the_call_allows() {
    for case in CATALOGUE {
        for protocol in case.over {
            for (class, expected) in [
                (Idempotency::Safe, &case.safe),
                (Idempotency::OnlyIfUnprocessed, &case.careful),
            ] {
                let server = Server::new(*protocol, &[case.fault]);
                let (_, end) = run(case, &server, class).await;
                let name = format!("{:?} {class:?}: {:#?}", case.fault, server.trace());
                assert_eq!(end, expected.1, "{name}");
                assert_eq!(server.arrivals().len(), expected.0, "{name}");
            }
        }
    }
}

/// Makes one call; what it says about the past must be true.
pub(crate) async fn run(case: &Case, server: &Server, class: Idempotency) -> (String, End) {
    let client = Client::with_clock(server, case.origin(), Arc::new(PausedClock::new()));
    let call = CallContext::new(class);
    let result = client.call_with("/issue", &call).await;
    let text = told(&result);
    server.note(&format!("{class:?} {text}"));
    let arrivals = server.arrivals();
    check(&arrivals, server, class, &call, result.as_ref().err());
    let end = match result {
        Ok(answer) if answer.status() == 200 => {
            assert_eq!(answer.body(), "ok");
            Done
        }
        Ok(answer) => Answers(answer.status().as_u16()),
        Err(_) => Fails,
    };
    (text, end)
}

/// Nothing that may have happened is sent again unless that is harmless, no wait is cut short, a
/// failed call does not deny what it may have done, and the book counts the tries that began.
pub(crate) fn check(
    arrivals: &[Arrival],
    server: &Server,
    class: Idempotency,
    call: &CallContext,
    error: Option<&CallError>,
) {
    let trace = || format!("{class:?}: {:#?}", server.trace());
    let unprocessed = |fault: Option<Fault>| fault.is_some_and(Fault::is_unprocessed);
    let effects = arrivals
        .iter()
        .filter(|arrival| !unprocessed(arrival.fault));
    let effects = effects.count();
    if !class.repeatable() {
        assert!(effects <= 1, "{}", trace());
    }
    if let Some(error) = error {
        let may_have = call.ledger().maybe_processed() || !error.outcome().is_unprocessed();
        assert!(may_have || effects == 0, "{}", trace());
    }
    let book = call.ledger();
    assert_eq!(book.sends(), book.tries(), "{}", trace());
    for pair in arrivals.windows(2) {
        let wait = pair[0].fault.and_then(Fault::asks_to_wait).unwrap_or(0);
        let wait = Duration::from_secs(wait.into());
        assert!(pair[1].at - pair[0].at >= wait, "{}", trace());
    }
}
