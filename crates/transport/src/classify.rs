//! What an error of hyper means: the one place that knows what was sent.

use std::error::Error;
use std::io;

use http::uri::Authority;
use hyper_util::client::legacy;
use token_core::Sent;

#[cfg(feature = "proxy")]
use crate::connect::NoTunnel;
use crate::connect::{NoAddress, PlainHttpRefused, Silent};
use crate::error::{Kind, TransportError};

/// An error before the head of the answer was complete.
pub(crate) fn head(error: legacy::Error, server: &Authority) -> TransportError {
    let (kind, sent) = if error.is_connect() {
        (connecting(&error), Sent::No)
    } else {
        sending(&error)
    };
    TransportError::new(kind, sent, server).with_source(error)
}

/// An error within the body of the answer.
pub(crate) fn body(error: hyper::Error, server: &Authority) -> TransportError {
    let kind = if error.is_timeout() || find::<Silent>(&error).is_some() {
        Kind::Timeout
    } else {
        Kind::Truncated
    };
    TransportError::new(kind, Sent::Yes, server).with_source(error)
}

/// Nothing was sent; what went wrong on the way there.
fn connecting(error: &(dyn Error + 'static)) -> Kind {
    #[cfg(feature = "proxy")]
    if let Some(no_tunnel) = find::<NoTunnel>(error) {
        return if no_tunnel.is_refusal() {
            Kind::ProxyRefused
        } else {
            Kind::Proxy
        };
    }
    if find::<PlainHttpRefused>(error).is_some() {
        Kind::PlainHttp
    } else if find::<NoAddress>(error).is_some() {
        Kind::Resolve
    } else if find::<rustls::Error>(error).is_some() {
        Kind::Tls
    } else {
        Kind::Connect
    }
}

/// The connection stood. hyper calls a request cancelled only if it never began to write it; an
/// answer that did not come is no sign that the server did nothing.
fn sending(error: &(dyn Error + 'static)) -> (Kind, Sent) {
    let Some(hyper) = find::<hyper::Error>(error) else {
        return (Kind::Other, Sent::Maybe);
    };
    if hyper.is_canceled() || refused_by_http2(error) {
        (Kind::Interrupted, Sent::No)
    } else if hyper.is_parse() {
        (Kind::Protocol, Sent::Yes)
    } else if hyper.is_timeout() || find::<Silent>(error).is_some() {
        (Kind::Timeout, Sent::Maybe)
    } else if hyper.is_user() {
        (Kind::Other, Sent::Maybe)
    } else {
        (Kind::Interrupted, Sent::Maybe)
    }
}

/// Whether the server said that it did not process the stream (RFC 9113 section 8.7).
///
/// A peaceful GOAWAY proves nothing here: hyper hands the same error to a request that h2 had
/// taken, and perhaps written, when the farewell came in between, and the farewell may be the early
/// warning of a server that goes on with all streams (RFC 9113 section 6.8).
#[cfg(feature = "http2")]
fn refused_by_http2(error: &(dyn Error + 'static)) -> bool {
    find::<h2::Error>(error).is_some_and(|error| {
        error.is_remote() && error.is_reset() && error.reason() == Some(h2::Reason::REFUSED_STREAM)
    })
}

#[cfg(not(feature = "http2"))]
const fn refused_by_http2(_: &(dyn Error + 'static)) -> bool {
    false
}

/// The first error of this type among the causes; `io::Error` hides its inner one from `source`.
fn find<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    if let Some(found) = error.downcast_ref() {
        return Some(found);
    }
    let inner = error
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref);
    match inner {
        Some(inner) => find(inner),
        None => error.source().and_then(find),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn io(inner: impl Into<crate::error::BoxError>) -> io::Error {
        io::Error::other(inner)
    }

    // W-A11: what is certainly unsent, by the cause of a failed connection.
    #[test]
    fn connection_failures_are_told_apart_however_deep_their_cause_is() {
        let cases = [
            (io(PlainHttpRefused), Kind::PlainHttp),
            (io(NoAddress::default()), Kind::Resolve),
            (io(io(rustls::Error::DecryptError)), Kind::Tls),
            (io::ErrorKind::ConnectionRefused.into(), Kind::Connect),
            (io::ErrorKind::TimedOut.into(), Kind::Connect),
        ];
        for (error, kind) in cases {
            assert_eq!(connecting(&error), kind, "{error:?}");
        }
    }

    // W-A11
    #[cfg(feature = "http2")]
    #[test]
    fn a_stream_that_this_side_refuses_is_no_sign_of_what_the_server_did() {
        for reason in [h2::Reason::REFUSED_STREAM, h2::Reason::NO_ERROR] {
            assert!(!refused_by_http2(&io(h2::Error::from(reason))));
        }
    }

    #[test]
    fn an_unknown_error_counts_as_maybe_sent() {
        assert_eq!(sending(&io("?")), (Kind::Other, Sent::Maybe));
    }

    #[test]
    fn no_text_shows_what_the_address_hides() {
        let server = Authority::from_static("user:pass@api.example.com:8443");
        for kind in [
            Kind::Resolve,
            Kind::Connect,
            #[cfg(feature = "proxy")]
            Kind::Proxy,
            #[cfg(feature = "proxy")]
            Kind::ProxyRefused,
            Kind::Tls,
            Kind::Timeout,
            Kind::Interrupted,
            Kind::Truncated,
            Kind::TooLarge(5),
            Kind::Protocol,
            Kind::PlainHttp,
            Kind::Other,
        ] {
            let error = TransportError::new(kind, Sent::No, &server);
            let text = format!("{error} {error:?}");
            assert!(text.contains("api.example.com:8443"), "{text}");
            assert!(!text.contains("pass"), "{text}");
        }
    }
}
