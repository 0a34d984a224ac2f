//! `amp auth`: a login that later shells find, and what may be known about it.

use std::collections::HashSet;
use std::process::Stdio;

use serde_json::Value;

use crate::rig::{PASSWORD, Ran, Rig, USER, ran};

fn usable_token(ran: &Ran) -> String {
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{ran:?}");
    let token = ran.stdout.strip_suffix('\n').unwrap();
    assert_eq!(token.len(), 40, "{ran:?}");
    assert!(
        token.bytes().all(|byte| byte.is_ascii_hexdigit()),
        "{ran:?}"
    );
    token.to_owned()
}

// the second real path, which needs one login for all of it.
#[test]
fn a_later_shell_without_credentials_finds_the_login() {
    let rig = Rig::new();
    for words in [
        &["auth", "login"][..],
        &["assets", "list"],
        &["api", "GET", "/info"],
    ] {
        let ran = rig.run_as_user(words);
        assert_eq!(ran.code, Some(0), "{words:?}: {ran:?}");
    }
    let later = rig.run(&["assets", "list"]);
    assert_eq!(later.code, Some(0), "{later:?}");
    assert_eq!(rig.logins(), 1);
    assert_eq!(rig.sandbox.total(), 4, "{:?}", rig.sandbox.requests());
}

// W-A04
#[cfg(unix)]
#[test]
fn the_login_is_kept_for_its_owner_alone_and_without_the_password() {
    use std::os::unix::fs::PermissionsExt as _;

    let rig = Rig::logged_in();
    let mode = std::fs::metadata(rig.token_file())
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    for entry in std::fs::read_dir(rig.state()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!String::from_utf8_lossy(&bytes).contains(PASSWORD));
    }
}

#[test]
fn the_password_comes_from_a_file_or_from_stdin_before_the_variable() {
    let rig = Rig::new();
    let file = rig.home().join("password");
    std::fs::write(&file, format!("{PASSWORD}\n")).unwrap();
    let words = ["auth", "login", "--username", USER];
    let from_file = ran(rig
        .amp(&words)
        .env("AMP_PASSWORD", "wrong")
        .args(["--password-file", "password"]));
    assert_eq!(from_file.code, Some(0), "{from_file:?}");
    let from_stdin = ran(rig
        .amp(&words)
        .arg("--password-stdin")
        .write_stdin(PASSWORD));
    assert_eq!(from_stdin.code, Some(0), "{from_stdin:?}");
    assert_eq!(rig.logins(), 2, "a login is made whatever is stored");
}

//
#[test]
fn a_login_without_credentials_names_everything_that_is_missing() {
    let rig = Rig::new();
    let nothing = ran(rig
        .amp(&["auth", "login"])
        .env("API_RETRY_MAX_ATTEMPTS", "none"));
    assert_eq!(nothing.code, Some(3), "{nothing:?}");
    for part in [
        "AMP_USERNAME",
        "--username",
        "AMP_PASSWORD",
        "--password-stdin",
        "API_RETRY_MAX_ATTEMPTS",
    ] {
        assert!(nothing.stderr.contains(part), "{part}: {nothing:?}");
    }
    assert_eq!(rig.sandbox.total(), 0);
}

// W-A10
#[test]
fn status_tells_everything_but_the_token_and_asks_nobody() {
    let rig = Rig::logged_in();
    let status = rig.run(&["auth", "status", "--json"]);
    let token = rig.stored_token();
    assert!(!status.stdout.contains(&token[..8]), "{status:?}");
    let status = status.json();
    let keys: Vec<_> = status
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(
        keys,
        [
            "base_url",
            "encrypted",
            "expires_at",
            "expires_in_seconds",
            "expires_soon",
            "has_token",
            "is_expired",
            "key_source",
            "obtained_at",
            "path",
            "store",
            "username"
        ]
    );
    assert_eq!(status["base_url"], rig.sandbox.base_url());
    assert_eq!(
        (&status["username"], &status["store"]),
        (&USER.into(), &"file".into())
    );
    assert_eq!(
        (&status["has_token"], &status["encrypted"]),
        (&true.into(), &false.into())
    );
    assert_eq!(
        (&status["is_expired"], &status["expires_soon"]),
        (&false.into(), &false.into())
    );
    assert!(
        (86_000..=86_400).contains(&status["expires_in_seconds"].as_i64().unwrap()),
        "{status}"
    );
    assert_eq!(rig.sandbox.total(), 0);
}

#[test]
fn status_without_a_login_is_no_failure() {
    let rig = Rig::new();
    let status = rig.run(&["auth", "status", "--json"]);
    assert_eq!(
        (status.code, status.stderr.as_str()),
        (Some(0), ""),
        "{status:?}"
    );
    let status = status.json();
    assert_eq!(
        (&status["has_token"], &status["store"]),
        (&false.into(), &"file".into())
    );
    for unknown in ["username", "expires_at", "is_expired", "path"] {
        assert_eq!(status[unknown], Value::Null, "{unknown}");
    }
    assert!(!rig.state().exists(), "a look makes nothing");
}

//
#[test]
fn token_prints_a_usable_token_and_nothing_else() {
    let rig = Rig::new();
    let first = usable_token(&rig.run_as_user(&["auth", "token"]));
    let again = usable_token(&rig.run_as_user(&["auth", "token"]));
    assert_eq!(first, again);
    assert_eq!(rig.sandbox.total(), 1);
}

// a fleet of short jobs that starts together.
#[test]
fn commands_that_start_together_share_one_login() {
    let rig = Rig::new();
    let start = || {
        let mut process = rig.process_as_user(&["auth", "token"]);
        process.stdout(Stdio::piped()).spawn().unwrap()
    };
    let started: Vec<_> = std::iter::repeat_with(start).take(16).collect();
    let ended = started
        .into_iter()
        .map(|child| child.wait_with_output().unwrap());
    let tokens: HashSet<Vec<u8>> = ended
        .inspect(|output| assert!(output.status.success(), "{output:?}"))
        .map(|output| output.stdout)
        .collect();
    assert_eq!(tokens.len(), 1);
    assert_eq!(rig.sandbox.total(), 1, "{:?}", rig.sandbox.requests());
}

//
#[test]
fn refresh_renews_whatever_the_age_and_keeps_the_new_token() {
    let rig = Rig::logged_in();
    let before = rig.stored_token();
    let renewed = rig.run(&["auth", "refresh"]);
    assert_eq!(
        (renewed.code, renewed.stdout.as_str()),
        (Some(0), ""),
        "{renewed:?}"
    );
    assert_ne!(rig.stored_token(), before);
    assert_eq!(rig.sandbox.count("GET", "/user/refresh-token"), 1);
    assert_eq!(rig.sandbox.total(), 1);
}

//
#[test]
fn logout_forgets_the_token_and_the_user_and_may_be_repeated() {
    let rig = Rig::logged_in();
    let file = rig.token_file();
    for _ in 0..2 {
        let ran = rig.run(&["auth", "logout"]);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), ""), "{ran:?}");
        assert!(!file.exists());
    }
    let later = rig.run(&["assets", "list"]);
    assert_eq!(later.code, Some(3), "{later:?}");
    assert!(
        later.stderr.contains("AMP_USERNAME and AMP_PASSWORD"),
        "{later:?}"
    );
    assert_eq!(rig.sandbox.total(), 0);
}

// the login ended, and nobody is there who could log in again.
#[test]
fn a_token_that_ended_without_credentials_names_the_variables() {
    let rig = Rig::logged_in();
    rig.sandbox.revoke_tokens();
    let ran = rig.run(&["assets", "list"]);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert!(
        ran.stderr.contains("AMP_USERNAME and AMP_PASSWORD"),
        "{ran:?}"
    );
    assert_eq!(rig.logins(), 0);
}

// W-A03: a user who is named is served by no other user's login.
#[test]
fn a_login_serves_its_own_user_alone() {
    let rig = Rig::logged_in();
    let other = ran(rig.amp(&["assets", "list"]).env("AMP_USERNAME", "somebody"));
    assert_eq!(other.code, Some(3), "{other:?}");
    assert!(
        other.stderr.contains("AMP_PASSWORD is not set"),
        "{other:?}"
    );
    assert_eq!(rig.sandbox.total(), 0);
}

// A script asks for the token before each request, so nothing of the network is set up for that.
#[test]
fn a_fresh_token_is_printed_without_a_look_at_certificates() {
    let rig = Rig::logged_in();
    let ask = |words: &[&str]| {
        ran(rig
            .amp(words)
            .env("AMP_USERNAME", USER)
            .env("AMP_CA_FILE", "missing.pem"))
    };
    let quick = ask(&["auth", "token"]);
    assert_eq!(usable_token(&quick), rig.stored_token());
    let full = ask(&["auth", "token", "--timeout", "9"]);
    assert_eq!(full.code, Some(3), "{full:?}");
    assert_eq!(rig.sandbox.total(), 0);
}

#[test]
fn who_keeps_the_old_password_in_a_variable_is_told_when_it_changes() {
    let rig = Rig::logged_in();
    let change = |name: &str, run: &dyn Fn(&[&str]) -> Ran| {
        std::fs::write(rig.home().join(name), format!("{PASSWORD}-{name}")).unwrap();
        let changed = run(&["auth", "change-password", "--password-file", name]);
        assert_eq!(changed.code, Some(0), "{changed:?}");
        assert!(!format!("{changed:?}").contains(PASSWORD), "{changed:?}");
        changed.stderr
    };
    let told = change("one", &|words| rig.run_as_user(words));
    assert!(told.contains("AMP_PASSWORD holds the old one"), "{told}");
    let told = change("two", &|words| rig.run(words));
    assert!(!told.contains("AMP_PASSWORD"), "{told}");
}
