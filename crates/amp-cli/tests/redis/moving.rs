//! A token that moves to the server and back, and addresses that are refused.

use std::os::unix::fs::symlink;

use crate::hosts::Fleet;
use crate::server::RedisServer;

#[test]
fn a_login_moves_from_a_file_to_redis_and_back_and_is_in_one_place_only() {
    let (fleet, server) = (Fleet::new(), RedisServer::start());
    let host = fleet.host(&server.url()).with_password();
    host.ok(&["--store", "file", "auth", "login"]);
    let token = host.ok(&["--store", "file", "auth", "token"]).stdout;
    let other = fleet.host(&server.url());
    assert_eq!(other.status()["has_token"], false);

    let moved = host.ok(&[
        "--store", "file", "auth", "migrate", "--to", "redis", "--json",
    ]);
    assert_eq!(moved.json()["result"], "moved", "{moved:?}");
    assert_eq!(moved.json()["to"]["store"], "redis", "{moved:?}");
    assert_eq!(other.ok(&["auth", "token"]).stdout, token);
    assert!(!host.has_file_with(token.trim()));
    let again = host.ok(&["auth", "migrate", "--to", "redis", "--json"]);
    assert_eq!(again.json()["result"], "already-there", "{again:?}");

    host.ok(&["auth", "migrate", "--to", "plain"]);
    assert_eq!(other.status()["has_token"], false);
    assert_eq!(host.ok(&["--store", "file", "auth", "token"]).stdout, token);
    assert_eq!(fleet.logins(), 1);
}

// Copied to where it is already and then removed, it would be nowhere.
#[test]
fn one_server_under_two_names_loses_no_token() {
    let (fleet, server) = (Fleet::new(), RedisServer::start());
    let host = fleet.host(&server.url()).with_password();
    host.ok(&["auth", "login"]);
    let token = host.token();
    let link = server.folder().join("link.sock");
    symlink(server.folder().join("redis.sock"), &link).unwrap();
    let link = format!("unix://{}", link.display());
    let refused = host.run(&["auth", "migrate", "--to", &link]);
    assert_eq!(refused.code, Some(9), "{refused:?}");
    assert!(refused.stderr.contains("by another name"), "{refused:?}");
    assert_eq!(host.token(), token);
}

// clap repeats what it refuses.
#[test]
fn an_address_with_a_password_in_an_argument_is_2_and_names_the_variable() {
    let fleet = Fleet::new();
    let host = fleet.host("memory");
    let address = "rediss://amp:hunter2@redis.example/0";
    for words in [
        ["--store", address, "auth", "status"],
        ["auth", "migrate", "--to", address],
    ] {
        for words in [words.to_vec(), [&words[..], &["--json"]].concat()] {
            let refused = host.run(&words);
            assert_eq!(refused.code, Some(2), "{refused:?}");
            assert!(refused.stderr.contains("AMP_TOKEN_STORE"), "{refused:?}");
        }
    }
    let key = host.run(&["--store", "redis://localhost:1", "auth", "rotate-key"]);
    assert_eq!(key.code, Some(2), "{key:?}");
    assert!(key.stderr.contains("on all hosts at once"), "{key:?}");
}
