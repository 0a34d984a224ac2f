//! What a fault leaves behind: which connection the next request uses.

use token_core::Idempotency;

use crate::fault::Fault::*;
use crate::server::{BOTH, Protocol, Server};
use crate::stack::{ATTEMPT, Client, told};

async fn careful(client: &Client) -> String {
    told(&client.call("/issue", Idempotency::OnlyIfUnprocessed).await)
}

// W-A11: pitfall 6. The server closes the idle connection in the moment in which the next request arrives; nobody can
// say that it was not read.
#[tokio::test(start_paused = true)]
async fn a_request_that_meets_the_end_of_an_idle_connection_is_not_sent_again() {
    for protocol in BOTH {
        let server = Server::new(protocol, &[CloseAfterNext]);
        let client = Client::new(&server);
        assert_eq!(careful(&client).await, "200 ok");
        let lost = careful(&client).await;
        assert!(lost.contains("broke before it answered"), "{lost}");
        assert_eq!((server.arrivals().len(), server.dials()), (2, 1));
        assert_eq!(careful(&client).await, "200 ok");
        assert_eq!(server.dials(), 2);
    }
}

// Pitfall 6: a connection that was closed before the request was begun costs nothing.
#[tokio::test(start_paused = true)]
async fn a_connection_that_was_closed_while_idle_is_replaced_without_a_trace() {
    for (protocol, fault) in [
        (Protocol::Http1, CloseAfter),
        (Protocol::Http2, CloseAfter),
        (Protocol::Http2, GoawayAfter),
    ] {
        let server = Server::new(protocol, &[fault]);
        let client = Client::new(&server);
        for _ in 0..3 {
            assert_eq!(careful(&client).await, "200 ok");
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        }
        assert_eq!(
            (server.arrivals().len(), server.dials()),
            (3, 2),
            "{fault:?}"
        );
    }
}

// What follows an answer on its connection is never taken for the answer to the next request.
#[tokio::test(start_paused = true)]
async fn bytes_beyond_an_answer_end_its_connection_and_answer_nothing() {
    let server = Server::new(Protocol::Http1, &[LongBody]);
    let client = Client::new(&server);
    for _ in 0..3 {
        assert_eq!(careful(&client).await, "200 ok");
    }
    assert_eq!((server.arrivals().len(), server.dials()), (3, 2));
}

// C-44: pitfall 7. Without the handle that the time-out pulls, every further try would be lost on the same connection.
#[tokio::test(start_paused = true)]
async fn after_one_timed_out_try_the_next_one_has_a_new_connection() {
    for protocol in BOTH {
        for fault in [StallHead, StallBody] {
            let server = Server::new(protocol, &[fault]);
            let client = Client::new(&server);
            let result = client.call("/issue", Idempotency::Safe).await;
            assert_eq!(told(&result), "200 ok");
            assert_eq!((server.arrivals().len(), server.dials()), (2, 2));
            assert!(server.elapsed() < ATTEMPT * 2, "{:#?}", server.trace());
            assert_eq!(careful(&client).await, "200 ok");
            assert_eq!(server.dials(), 2, "the new connection is kept");
        }
    }
}

// Pitfall 8: the body of a refusal is read, so its connection stays.
#[tokio::test(start_paused = true)]
async fn a_refusal_keeps_its_connection() {
    for protocol in BOTH {
        let server = Server::new(protocol, &[TooMany(1), Unavailable(None)]);
        let client = Client::new(&server);
        assert_eq!(
            told(&client.call("/issue", Idempotency::Safe).await),
            "200 ok"
        );
        assert_eq!((server.arrivals().len(), server.dials()), (3, 1));
    }
}
