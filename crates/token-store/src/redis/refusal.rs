//! What a failure of the server or of the network means for the store.

use std::io;

use redis::{ErrorKind, RedisError, ServerErrorKind};

use crate::{StoreError, StoreErrorKind};

/// The error without anything that the server wrote but its one-word code.
pub(crate) fn of_redis(error: &RedisError) -> StoreError {
    let code = error.code().map(word);
    let kind = kind(error, code.as_deref());
    let reason = match code {
        Some(code) => format!("the Redis server answered {code}"),
        None if error.is_timeout() => "the Redis server did not answer in time".to_owned(),
        None if error.kind() == ErrorKind::Io => "the connection to Redis broke".to_owned(),
        None if error.kind() == ErrorKind::AuthenticationFailed => {
            "the Redis server refused user or password".to_owned()
        }
        None => "the Redis server's answer cannot be read".to_owned(),
    };
    StoreError::new(kind, reason)
}

/// A connection that could not be made.
pub(crate) fn of_io(error: &io::Error) -> StoreError {
    let reason = format!("the Redis server cannot be reached: {}", error.kind());
    StoreError::new(StoreErrorKind::Unavailable, reason)
}

/// Whether the connection is of no use any more: broken, silent, or to a server that became a
/// replica.
pub(crate) fn ends_connection(error: &RedisError) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Io | ErrorKind::Parse | ErrorKind::Server(ServerErrorKind::ReadOnly)
    ) || error.is_unrecoverable_error()
}

fn kind(error: &RedisError, code: Option<&str>) -> StoreErrorKind {
    match error.kind() {
        ErrorKind::Io => return StoreErrorKind::Unavailable,
        ErrorKind::AuthenticationFailed => return StoreErrorKind::Denied,
        _ => {}
    }
    match code {
        Some(
            "BUSY" | "CLUSTERDOWN" | "LOADING" | "MASTERDOWN" | "MISCONF" | "NOREPLICAS"
            | "READONLY" | "TRYAGAIN" | "UNKILLABLE",
        ) => StoreErrorKind::Unavailable,
        Some("NOAUTH" | "NOPERM" | "WRONGPASS") => StoreErrorKind::Denied,
        Some("OOM") => StoreErrorKind::NoSpace,
        _ => StoreErrorKind::Io,
    }
}

/// Codes are a few capital letters; whatever else a server sends in their place is not repeated.
fn word(code: &str) -> String {
    let is_code = code.len() <= 16 && code.bytes().all(|byte| byte.is_ascii_uppercase());
    if is_code { code } else { "an error" }.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from_server(code: &str, detail: &str) -> RedisError {
        redis::make_extension_error(code.to_owned(), Some(detail.to_owned()))
    }

    // what a server says may repeat what it was told.
    #[test]
    fn a_servers_words_are_not_repeated() {
        let cases = [
            ("OOM", StoreErrorKind::NoSpace, "answered OOM"),
            (
                "NOREPLICAS",
                StoreErrorKind::Unavailable,
                "answered NOREPLICAS",
            ),
            ("WRONGPASS", StoreErrorKind::Denied, "answered WRONGPASS"),
            ("WRONGTYPE", StoreErrorKind::Io, "answered WRONGTYPE"),
            ("hunter2", StoreErrorKind::Io, "answered an error"),
        ];
        for (code, kind, words) in cases {
            let error = of_redis(&from_server(code, "hunter2"));
            assert_eq!(error.kind(), kind, "{code}");
            let shown = format!("{error} {error:?}");
            assert!(shown.contains(words), "{shown}");
            assert!(!shown.contains("hunter2"), "{shown}");
        }
    }

    #[test]
    fn a_broken_or_silent_connection_is_replaced() {
        let broken = RedisError::from(io::Error::from(io::ErrorKind::BrokenPipe));
        let silent = RedisError::from(io::Error::from(io::ErrorKind::TimedOut));
        for error in [&broken, &silent] {
            assert!(ends_connection(error));
            assert_eq!(of_redis(error).kind(), StoreErrorKind::Unavailable);
        }
        assert!(of_redis(&silent).to_string().contains("in time"));
        assert!(!ends_connection(&from_server("OOM", "")));
        assert!(!ends_connection(&from_server("NOPERM", "")));
    }
}
