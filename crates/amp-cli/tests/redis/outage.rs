//! A server that is away, and a host that has no key for what is there.

use crate::hosts::Fleet;
use crate::server::RedisServer;

// A-38, C-30
#[test]
fn while_redis_is_away_calls_go_on_and_whoever_asks_about_the_token_is_told() {
    let (fleet, mut server) = (Fleet::new(), RedisServer::start());
    let host = fleet.host(&server.url()).with_password();
    host.ok(&["auth", "login"]);
    let token = host.token();
    server.kill();

    let call = host.ok(&["assets", "list"]);
    assert!(call.stderr.contains("the token is not kept"), "{call:?}");
    let status = host.run(&["auth", "status"]);
    assert_eq!(status.code, Some(9), "{status:?}");
    assert!(status.stderr.contains("Redis"), "{status:?}");
    let doctor = host.run(&["doctor", "--json"]);
    assert_eq!(doctor.code, Some(9), "{doctor:?}");
    assert_eq!(doctor.check("token")["state"], "problem", "{doctor:?}");
    let helpless = fleet.host(&server.url()).run(&["auth", "token"]);
    assert_eq!(helpless.code, Some(3), "{helpless:?}");

    server.restart();
    assert_eq!(host.token(), token);
}

// What docs/operations.md says under "Changing the key".
#[test]
fn hosts_change_their_key_by_a_logout_and_a_login() {
    let (fleet, server) = (Fleet::new(), RedisServer::start());
    let new = fleet.key("new", 'E').display().to_string();
    let old_host = fleet.host(&server.url()).with_password();
    let new_host = fleet.host(&server.url()).with_password();
    let new_host = new_host.with("TOKEN_STORE_KEY_FILE", new);
    old_host.ok(&["auth", "login"]);
    assert_eq!(new_host.run(&["auth", "login"]).code, Some(9));

    old_host.ok(&["auth", "logout"]);
    new_host.ok(&["auth", "login"]);
    new_host.token();
    assert_eq!(old_host.run(&["auth", "token"]).code, Some(9));
    assert_eq!(fleet.logins(), 2);
}

// C-10, W-C08: nothing is made in its place, and nothing is replaced.
#[test]
fn a_host_without_the_key_of_the_others_is_told_so_and_changes_nothing() {
    let (fleet, server) = (Fleet::new(), RedisServer::start());
    let host = fleet.host(&server.url()).with_password();
    host.ok(&["auth", "login"]);
    let token = host.token();

    let other = fleet.key("other", 'E').display().to_string();
    let stranger = fleet.host(&server.url()).with_password();
    let stranger = stranger.with("TOKEN_STORE_KEY_FILE", other);
    for words in [["auth", "token"], ["assets", "list"], ["auth", "login"]] {
        assert_eq!(stranger.run(&words).code, Some(9), "{words:?}");
    }
    let keyless = fleet.host(&server.url()).with_password();
    let keyless = keyless.with("TOKEN_STORE_KEY_FILE", "");
    let refused = keyless.run(&["auth", "login"]);
    assert_eq!(refused.code, Some(9), "{refused:?}");
    assert!(
        refused.stderr.contains("TOKEN_STORE_KEY_FILE"),
        "{refused:?}"
    );
    assert!(!keyless.home().join("state/token-store").exists());
    assert_eq!((host.token(), fleet.logins()), (token, 1));
}
