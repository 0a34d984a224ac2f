//! One login for all hosts.

use std::process::Stdio;

use crate::hosts::{Fleet, Ran};
use crate::page::server_of_the_page;
use crate::server::RedisServer;

// A-37, W-A03: what they share is the server and the key, and no file.
#[test]
fn two_hosts_share_one_login_and_its_end() {
    let (fleet, server) = (Fleet::new(), RedisServer::start());
    let first = fleet.host(&server.url()).with_password();
    let second = fleet.host(&server.url());

    let missing = second.run(&["auth", "token"]);
    assert_eq!(missing.code, Some(3), "{missing:?}");
    first.ok(&["auth", "login"]);
    let token = first.token();
    assert_eq!(second.token(), token);
    second.ok(&["assets", "list"]);
    assert_eq!(fleet.logins(), 1);
    for host in [&first, &second] {
        assert!(!host.has_file_with(&token));
    }

    let status = second.status();
    assert_eq!(status["store"], "redis", "{status}");
    let shown = format!("{}?db=0", server.url());
    assert_eq!(status["address"], shown.as_str(), "{status}");
    assert_eq!(
        (&status["path"], &status["encrypted"]),
        (&().into(), &true.into())
    );

    let table = second.ok(&["auth", "status"]).stdout;
    assert!(table.contains(&shown), "{table}");

    second.ok(&["auth", "refresh"]);
    assert_eq!(first.token(), second.token());
    assert_eq!(fleet.logins(), 1);
    second.ok(&["auth", "logout"]);
    assert_eq!(first.status()["has_token"], false);
}

// A-37, C-32, W-A19
#[test]
fn commands_that_start_together_on_two_hosts_log_in_once() {
    let (fleet, server) = (Fleet::new(), RedisServer::start());
    let hosts = [(); 2].map(|()| fleet.host(&server.url()).with_password());
    let commands: Vec<_> = (0..8)
        .map(|number| {
            let mut command = hosts[number % 2].amp(&["auth", "token"]);
            command.stdout(Stdio::piped()).stderr(Stdio::piped());
            command.spawn().unwrap()
        })
        .collect();
    let mut tokens: Vec<_> = commands
        .into_iter()
        .map(|command| Ran::of(command.wait_with_output().unwrap()))
        .inspect(|ran| assert_eq!(ran.code, Some(0), "{ran:?}"))
        .map(|ran| ran.stdout)
        .collect();
    tokens.dedup();
    assert_eq!((tokens.len(), fleet.logins()), (1, 1), "{tokens:?}");
}

// over TLS, as the user of the page, whose password is in no output.
#[test]
fn the_server_of_the_page_serves_the_command_and_the_doctor_tells_what_is_wrong() {
    let fleet = Fleet::new();
    let (server, place) = server_of_the_page();
    let authority = server.folder().join("ca.pem").display().to_string();
    let url = format!("rediss://amp:change-me@{place}/0");
    let host = fleet.host(&url).with_password();
    let host = host.with("TOKEN_STORE_CA_FILE", &authority);
    host.ok(&["auth", "login"]);
    assert_eq!(host.status()["address"], format!("rediss://{place}/0"));
    let well = host.ok(&["doctor", "--json"]);
    for check in ["store", "key", "token", "lease", "redis clock"] {
        assert_eq!(well.check(check)["state"], "ok", "{well:?}");
    }
    host.ok(&["auth", "logout"]);

    let stranger = fleet.host(&url.replace("change-me", "hunter2"));
    let stranger = stranger.with("TOKEN_STORE_CA_FILE", authority);
    let denied = stranger.run(&["doctor", "--json"]);
    assert_eq!(denied.code, Some(9), "{denied:?}");
    let check = denied.check("token");
    assert!(check["fix"].as_str().unwrap().contains("ACL"), "{check}");

    let trusting_browsers = fleet.host(&url);
    let unknown = trusting_browsers.run(&["doctor", "--json"]);
    assert_eq!(unknown.code, Some(9), "{unknown:?}");
    let check = unknown.check("token");
    assert!(
        check["detail"].as_str().unwrap().contains("certificate"),
        "{check}"
    );
    assert!(
        check["fix"]
            .as_str()
            .unwrap()
            .contains("TOKEN_STORE_CA_FILE"),
        "{check}"
    );
}
