//! Rejected tokens, with the other faults around them.

use std::time::Duration;

use token_core::Idempotency;
use tokio::time::sleep;

use crate::fault::Fault::{self, *};
use crate::server::{BOTH, Protocol, Server};
use crate::stack::{Client, told};

/// A client whose token is old enough for its rejection to be news.
async fn settled(protocol: Protocol, script: &[Fault]) -> (Server, Client) {
    let server = Server::new(protocol, script);
    let client = Client::new(&server);
    client.tokens.get_token().await.unwrap();
    sleep(Duration::from_secs(3600)).await;
    (server, client)
}

fn sent(server: &Server) -> Vec<(String, String)> {
    let arrivals = server.arrivals().into_iter();
    arrivals
        .map(|arrival| (arrival.path, arrival.token))
        .collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(path, token): &(&str, &str)| ((*path).to_owned(), format!("token {token}"));
    expected.iter().map(owned).collect()
}

// A-40, C-46, W-C09: pitfall 16. The first call is rejected when its token was replaced long ago, because of the second.
#[tokio::test(start_paused = true)]
async fn a_late_rejection_is_replayed_with_the_token_that_is_there_and_renews_nothing() {
    for protocol in BOTH {
        let (server, client) = settled(protocol, &[UnauthorizedAfter(5), Unauthorized]).await;
        let call = async |path, delay| {
            sleep(Duration::from_millis(delay)).await;
            told(&client.call(path, Idempotency::OnlyIfUnprocessed).await)
        };
        let ends = tokio::join!(call("/late", 0), call("/prompt", 1));
        assert_eq!(ends, ("200 ok".to_owned(), "200 ok".to_owned()));
        let expected = [
            ("/late", "token-1"),
            ("/prompt", "token-1"),
            ("/prompt", "token-2"),
            ("/late", "token-2"),
        ];
        assert_eq!(sent(&server), pairs(&expected), "{:#?}", server.trace());
        assert_eq!(client.provider.obtains() + client.provider.refreshes(), 2);
    }
}

// C-46, W-A11: the replay is one more send, and no try of its own: what is lost after it is lost.
#[tokio::test(start_paused = true)]
async fn a_replay_that_breaks_is_not_sent_again() {
    for protocol in BOTH {
        for fault in [ResetBeforeHead, HalfBody, StallHead, Unauthorized] {
            let (server, client) = settled(protocol, &[Unauthorized, fault]).await;
            let result = client.call("/issue", Idempotency::Never).await;
            assert_ne!(told(&result), "200 ok", "{fault:?}");
            let expected = [("/issue", "token-1"), ("/issue", "token-2")];
            assert_eq!(sent(&server), pairs(&expected), "{:#?}", server.trace());
        }
    }
}

// A-55, C-46: pitfall 15. All layers write into one book: 3 tries and one replay, whatever comes first.
#[tokio::test(start_paused = true)]
async fn tries_and_the_replay_are_counted_together() {
    for protocol in BOTH {
        let script = [
            Unavailable(None),
            Unauthorized,
            Unavailable(None),
            Unauthorized,
        ];
        let (server, client) = settled(protocol, &script).await;
        let result = client.call("/issue", Idempotency::Safe).await;
        assert_eq!(told(&result), "401 no", "{:#?}", server.trace());
        assert_eq!(server.arrivals().len(), 4, "{:#?}", server.trace());
    }
}
