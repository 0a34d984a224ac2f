//! Whom the sandbox listens to: clients that mean this machine.

use std::net::IpAddr;

use http::header::HOST;
use http::{Request, StatusCode};

use crate::answer::Answer;

/// Refuses a request that names another host. A web page whose name was bound to this machine afterwards (DNS
/// rebinding) gets no further.
pub(crate) fn check<B>(request: &Request<B>) -> Result<(), Answer> {
    let header = request
        .headers()
        .get(HOST)
        .and_then(|value| value.to_str().ok());
    let target = request
        .uri()
        .authority()
        .map(|authority| authority.as_str());
    let names_loopback = header.is_some_and(is_loopback) && target.is_none_or(is_loopback);
    if names_loopback {
        return Ok(());
    }
    let text =
        "The sandbox answers only requests whose Host header is localhost or a loopback address.\n";
    Err(Answer::text(StatusCode::MISDIRECTED_REQUEST, text))
}

fn is_loopback(authority: &str) -> bool {
    let host = without_port(authority);
    let address = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .unwrap_or(host);
    host.eq_ignore_ascii_case("localhost")
        || address
            .parse()
            .is_ok_and(|address: IpAddr| address.is_loopback())
}

fn without_port(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port))
            if port.bytes().all(|byte| byte.is_ascii_digit()) && !host.ends_with(':') =>
        {
            host
        }
        _ => authority,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_accepted() {
        for own in [
            "localhost",
            "LocalHost:8080",
            "127.0.0.1:80",
            "127.9.9.9",
            "[::1]",
            "[::1]:8080",
        ] {
            assert!(is_loopback(own), "{own}");
        }
        let foreign = [
            "",
            "evil.example",
            "localhost.evil.example",
            "10.0.0.1",
            "127.0.0.1.evil.example",
            "a@localhost",
        ];
        for other in foreign {
            assert!(!is_loopback(other), "{other}");
        }
    }
}
