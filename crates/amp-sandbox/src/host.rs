//! Whom the sandbox listens to: clients that mean this machine.

use std::net::IpAddr;

use http::header::{HOST, ORIGIN};
use http::{Request, StatusCode};

use crate::answer::Answer;

/// Refuses a request that names another host, or that a page of another host makes. So neither a web page whose name
/// was bound to this machine afterwards (DNS rebinding) nor one that posts across origins gets any further.
pub(crate) fn check<B>(request: &Request<B>) -> Result<(), Answer> {
    let header = |name| {
        request
            .headers()
            .get(name)
            .map(|value| value.to_str().unwrap_or_default())
    };
    let target = request
        .uri()
        .authority()
        .map(|authority| authority.as_str());
    if !header(HOST).is_some_and(is_loopback) || !target.is_none_or(is_loopback) {
        let text = "The sandbox answers only requests whose Host header is localhost or a loopback address.\n";
        return Err(Answer::text(StatusCode::MISDIRECTED_REQUEST, text));
    }
    if !header(ORIGIN).is_none_or(is_loopback_origin) {
        let text = "The sandbox answers no web page of another host.\n";
        return Err(Answer::text(StatusCode::FORBIDDEN, text));
    }
    Ok(())
}

fn is_loopback_origin(origin: &str) -> bool {
    origin
        .split_once("://")
        .is_some_and(|(_, authority)| is_loopback(authority))
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
