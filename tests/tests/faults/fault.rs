//! What a server does to one connection or one request.

use std::time::{Duration, UNIX_EPOCH};

/// Where `PausedClock` starts, since the epoch.
const START: Duration = Duration::from_secs(1_800_000_000);

/// One fault. Those of a connection meet the next dial, the others the next request that arrives;
/// without one, all goes well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The connection is refused.
    Refuse,
    /// Nobody answers the dial.
    StallConnect,
    /// The connection stands and the server says nothing of TLS.
    StallTls,
    /// The server answers in clear text where TLS was asked for.
    ClearText,

    /// The request is read and the connection closed.
    ResetBeforeHead,
    /// The head of the answer breaks off.
    ResetWithinHead,
    /// The body of the answer breaks off.
    HalfBody,
    /// HTTP/2: the body of the answer is cut off by a reset without an error.
    CutBody,
    /// The request is read, and nothing comes any more, not even an answer to a ping.
    StallHead,
    /// The head comes, and half the body, and nothing any more.
    StallBody,
    /// The body comes, a byte every second, 100 of them.
    Drip,
    /// The answer ends properly before the length that it stated.
    ShortBody,
    /// The answer goes on after the length that it stated, with what looks like another answer.
    LongBody,
    /// The head of the answer has a mebibyte.
    HugeHead,
    /// The body never ends.
    EndlessBody,
    /// The answer is good, and the server closes the connection once the next request arrives.
    CloseAfterNext,
    /// The answer is good, and the server closes the connection at once.
    CloseAfter,
    /// HTTP/2: the stream is refused unprocessed (RFC 9113 section 8.7).
    RefuseStream,
    /// HTTP/2: the stream is reset for an error of the server.
    ResetStream,
    /// HTTP/2: the server says farewell without an error and closes, whatever is under way.
    Goaway,
    /// HTTP/2: the server answers, and says farewell for what comes after.
    GoawayAfter,
    /// The token is rejected.
    Unauthorized,
    /// The token is rejected so many seconds later.
    UnauthorizedAfter(u32),
    /// Too many requests, with the wait in seconds.
    TooMany(u32),
    /// Too many requests, with the moment to come back as a date, so many seconds after the start of the test.
    TooManyUntil(u32),
    /// The service is not there, perhaps after it did what was asked; with a wait in seconds.
    Unavailable(Option<u32>),
}

impl Fault {
    /// Whether it meets a connection and not a request.
    pub(crate) const fn is_of_connection(self) -> bool {
        matches!(
            self,
            Self::Refuse | Self::StallConnect | Self::StallTls | Self::ClearText
        )
    }

    /// Whether the request that it meets certainly had no effect.
    pub(crate) const fn is_unprocessed(self) -> bool {
        matches!(
            self,
            Self::RefuseStream
                | Self::Unauthorized
                | Self::UnauthorizedAfter(_)
                | Self::TooMany(_)
                | Self::TooManyUntil(_)
        )
    }

    /// The wait that the server asks for, in seconds.
    pub(crate) const fn asks_to_wait(self) -> Option<u32> {
        match self {
            Self::TooMany(wait) | Self::Unavailable(Some(wait)) => Some(wait),
            _ => None,
        }
    }

    /// The `Retry-After` of the answer.
    pub(crate) fn retry_after(self) -> Option<String> {
        if let Self::TooManyUntil(moment) = self {
            let moment = UNIX_EPOCH + START + Duration::from_secs(moment.into());
            return Some(httpdate::fmt_http_date(moment));
        }
        self.asks_to_wait().map(|wait| wait.to_string())
    }

    /// The status of the answer, where the fault is one.
    pub(crate) const fn status(self) -> Option<u16> {
        match self {
            Self::Unauthorized => Some(401),
            Self::TooMany(_) | Self::TooManyUntil(_) => Some(429),
            Self::Unavailable(_) => Some(503),
            _ => None,
        }
    }
}
