//! Tunnels through a proxy.

use std::io;

use http::Uri;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use zeroize::Zeroizing;

use super::stream::Stream;
use crate::Proxy;
use crate::error::BoxError;

/// The head of a proxy's answer is not longer than this, in bytes.
const HEAD_LIMIT: usize = 8 * 1024;

/// Why there is no tunnel.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoTunnel {
    #[error("the proxy could not be reached")]
    Unreachable(#[source] BoxError),
    #[error("the proxy broke off")]
    Broken(#[source] io::Error),
    #[error("the proxy answered with status {0}")]
    Refused(u16),
    #[error("the proxy did not answer in HTTP")]
    Protocol,
}

impl NoTunnel {
    /// Whether the proxy will say the same next time: its answer is about the request or our
    /// credentials (407), not about the moment (RFC 9110 sections 15.5.9 and 15.6).
    pub(crate) const fn is_refusal(&self) -> bool {
        matches!(self, Self::Refused(status @ 400..500) if *status != 408 && *status != 429)
    }
}

/// Asks the proxy at the end of this stream for a tunnel to this address.
pub(crate) async fn open(stream: Stream, proxy: &Proxy, address: &Uri) -> Result<Stream, NoTunnel> {
    let mut io = TokioIo::new(stream);
    let request = request(proxy, address);
    io.write_all(&request).await.map_err(NoTunnel::Broken)?;
    io.flush().await.map_err(NoTunnel::Broken)?;
    match status(&mut io).await? {
        200..300 => Ok(io.into_inner()),
        status => Err(NoTunnel::Refused(status)),
    }
}

/// The request in a buffer of its exact size, so that no outgrown one keeps the credentials.
fn request(proxy: &Proxy, address: &Uri) -> Zeroizing<Vec<u8>> {
    let host = address.host().unwrap_or_default();
    let port = address.port_u16().unwrap_or(443);
    let head = format!("CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n");
    let (name, value) = match proxy.authorization() {
        Some(value) => ("Proxy-Authorization: ", value),
        None => ("", ""),
    };
    let length = head.len() + name.len() + value.len() + 4;
    let mut request = Zeroizing::new(Vec::with_capacity(length));
    request.extend_from_slice(head.as_bytes());
    if !name.is_empty() {
        request.extend_from_slice(name.as_bytes());
        request.extend_from_slice(value.as_bytes());
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"\r\n");
    request
}

/// Reads the head of the answer, and not one byte more: the rest belongs to the tunnel.
async fn status(io: &mut TokioIo<Stream>) -> Result<u16, NoTunnel> {
    let mut head = Vec::with_capacity(256);
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() == HEAD_LIMIT {
            return Err(NoTunnel::Protocol);
        }
        head.push(io.read_u8().await.map_err(NoTunnel::Broken)?);
    }
    parse(&head).ok_or(NoTunnel::Protocol)
}

/// The status in `HTTP/1.1 200 Connection established`.
fn parse(head: &[u8]) -> Option<u16> {
    let rest = head.strip_prefix(b"HTTP/1.")?;
    let (b'0' | b'1', b' ', digits) = (*rest.first()?, *rest.get(1)?, rest.get(2..5)?) else {
        return None;
    };
    let ends = matches!(rest.get(5)?, b' ' | b'\r');
    let status = std::str::from_utf8(digits).ok()?.parse().ok()?;
    (ends && digits.iter().all(u8::is_ascii_digit)).then_some(status)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_status_line_has_a_status() {
        assert_eq!(parse(b"HTTP/1.1 200 OK\r\n\r\n"), Some(200));
        assert_eq!(parse(b"HTTP/1.0 407\r\n\r\n"), Some(407));
        for text in [
            "",
            "HTTP/1.1",
            "HTTP/2 200 \r\n",
            "HTTP/1.1 2000\r\n",
            "HTTP/1.1 +20 OK",
        ] {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn a_proxy_that_refuses_for_good_is_told_apart() {
        for status in [400, 403, 407] {
            assert!(NoTunnel::Refused(status).is_refusal(), "{status}");
        }
        for status in [302, 408, 429, 502, 504] {
            assert!(!NoTunnel::Refused(status).is_refusal(), "{status}");
        }
        assert!(!NoTunnel::Protocol.is_refusal());
    }

    #[test]
    fn a_request_fills_its_buffer() {
        let address = Uri::from_static("https://api.example/path?secret");
        for (proxy, text) in [
            (
                "p",
                "CONNECT api.example:443 HTTP/1.1\r\nHost: api.example:443\r\n\r\n",
            ),
            (
                "u:p@p",
                "CONNECT api.example:443 HTTP/1.1\r\nHost: api.example:443\r\n\
                 Proxy-Authorization: Basic dTpw\r\n\r\n",
            ),
        ] {
            let request = request(&Proxy::new(proxy).unwrap(), &address);
            assert_eq!(std::str::from_utf8(&request).unwrap(), text);
            assert!(
                request.capacity() <= text.len() + 2,
                "{}",
                request.capacity()
            );
        }
    }
}
