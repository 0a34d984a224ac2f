//! `amp auth migrate`, `amp auth rotate-key` and `amp doctor`: where the token lives, under which
//! key, and what is wrong with that.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::rig::{PASSWORD, Ran, Rig, ran};

/// The only token file with this end.
fn file(rig: &Rig, extension: &str) -> Option<PathBuf> {
    let entries = fs::read_dir(rig.state()).unwrap();
    let mut paths = entries.map(|entry| entry.unwrap().path());
    paths.find(|path| {
        let is_accounts = path.file_name().is_some_and(|name| name == "accounts.json");
        path.extension().is_some_and(|end| end == extension) && !is_accounts
    })
}

fn status(rig: &Rig) -> Value {
    let status = rig.run(&["auth", "status", "--json"]);
    assert_eq!(status.code, Some(0), "{status:?}");
    status.json()
}

fn token(rig: &Rig) -> String {
    let token = rig.run(&["auth", "token"]);
    assert_eq!(token.code, Some(0), "{token:?}");
    token.stdout.trim().to_owned()
}

fn no_secret_in(ran: &Ran, token: &str, home: &Path) {
    let key = home.join("state/token-store/master.key");
    let key = fs::read_to_string(key).unwrap_or_else(|_| "no key yet".to_owned());
    let shown = format!("{}{}", ran.stdout, ran.stderr);
    for secret in [&token[..8], PASSWORD, key.trim()] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[cfg(unix)]
fn chmod(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// Writes a key that only its owner can read.
#[cfg(unix)]
fn key_file(path: &Path, byte: &str) {
    fs::write(path, format!("{}=\n", byte.repeat(43))).unwrap();
    chmod(path, 0o600);
}

// C-28
#[test]
fn a_token_is_moved_into_an_encrypted_file_and_back_and_later_shells_find_it() {
    let rig = Rig::logged_in();
    let before = token(&rig);
    let moved = rig.run(&["auth", "migrate", "--to", "encrypted"]);
    assert_eq!(
        (moved.code, moved.stdout.as_str()),
        (Some(0), ""),
        "{moved:?}"
    );
    assert!(moved.stderr.contains("the encrypted file"), "{moved:?}");
    no_secret_in(&moved, &before, rig.home());
    assert_eq!(file(&rig, "json"), None);

    assert_eq!(token(&rig), before);
    let found = status(&rig);
    assert_eq!(found["store"], "encrypted");
    assert_eq!(found["encrypted"], true);
    let source = found["key_source"].as_str().unwrap();
    assert!(source.contains("master.key"), "{source}");
    assert!(rig.run(&["auth", "status"]).stdout.contains("master.key"));

    let back = rig.run(&["auth", "migrate", "--to", "plain", "--json"]);
    assert_eq!((back.code, back.stderr.as_str()), (Some(0), ""), "{back:?}");
    let back = back.json();
    assert_eq!(back["result"], "moved");
    assert_eq!(
        (&back["from"]["store"], &back["to"]["store"]),
        (&"encrypted".into(), &"file".into())
    );
    assert_eq!(file(&rig, "tks"), None);
    assert_eq!(token(&rig), before);
    assert_eq!(status(&rig)["key_source"], Value::Null);
    assert_eq!(rig.sandbox.total(), 0, "nobody was asked");
}

#[test]
fn moving_twice_and_moving_nothing_do_no_harm() {
    let rig = Rig::logged_in();
    let before = token(&rig);
    let words = ["auth", "migrate", "--to", "plain", "--json"];
    assert_eq!(rig.run(&words).json()["result"], "already-there");
    assert_eq!(token(&rig), before);
    assert_eq!(rig.run(&["auth", "logout"]).code, Some(0));
    let nobody = rig.run(&["auth", "migrate", "--to", "encrypted"]);
    assert_eq!(nobody.code, Some(2), "{nobody:?}");
    assert!(nobody.stderr.contains("AMP_USERNAME"), "{nobody:?}");
    let nothing = rig.run_as_user(&["auth", "migrate", "--to", "encrypted", "--json"]);
    assert_eq!(nothing.json()["result"], "nothing");
}

// the file that somebody named stays the one that it is.
#[test]
fn a_named_file_changes_its_form_in_its_place_and_the_message_says_how_to_find_it() {
    let rig = Rig::new();
    let named = ["--token-file", "token.json"];
    let login = ran(rig.amp_as_user(&["auth", "login"]).args(named));
    assert_eq!(login.code, Some(0), "{login:?}");
    let path = rig.home().join("token.json");
    let plain: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let moved = ran(rig
        .amp_as_user(&["auth", "migrate", "--to", "encrypted"])
        .args(named));
    assert_eq!(moved.code, Some(0), "{moved:?}");
    assert!(
        moved.stderr.contains("AMP_TOKEN_STORE=encrypted"),
        "{moved:?}"
    );
    let held = ran(rig
        .amp_as_user(&["auth", "token"])
        .args(named)
        .env("AMP_TOKEN_STORE", "encrypted"));
    assert_eq!(held.stdout.trim(), plain["token"].as_str().unwrap());
    // Whoever expects the plain form is told, and the file stays.
    let bytes = fs::read(&path).unwrap();
    let wrong = ran(rig.amp_as_user(&["auth", "status"]).args(named));
    assert_eq!(wrong.code, Some(9), "{wrong:?}");
    assert_eq!(fs::read(&path).unwrap(), bytes);
}

#[test]
fn a_rotated_key_leaves_the_token_readable_and_the_old_key_opens_no_new_file() {
    let rig = Rig::logged_in();
    let before = token(&rig);
    rig.run(&["auth", "migrate", "--to", "encrypted"]);
    let key = rig.home().join("state/token-store/master.key");
    let old = fs::read(&key).unwrap();
    let sealed = fs::read(file(&rig, "tks").unwrap()).unwrap();

    let rotated = rig.run(&["auth", "rotate-key", "--json"]);
    assert_eq!(
        (rotated.code, rotated.stderr.as_str()),
        (Some(0), ""),
        "{rotated:?}"
    );
    no_secret_in(&rotated, &before, rig.home());
    assert!(
        !rotated
            .stdout
            .contains(String::from_utf8_lossy(&old).trim())
    );
    let report = rotated.json();
    assert_eq!(report["rewritten"], 1);
    assert_eq!(report["remaining"], Value::Array(Vec::new()));
    assert_ne!(fs::read(&key).unwrap(), old);
    assert_ne!(fs::read(file(&rig, "tks").unwrap()).unwrap(), sealed);
    assert_eq!(token(&rig), before);

    // As after a kill between the new key and the files: what is under the old key still opens.
    fs::write(file(&rig, "tks").unwrap(), &sealed).unwrap();
    assert_eq!(token(&rig), before);
    assert_ne!(fs::read(file(&rig, "tks").unwrap()).unwrap(), sealed);
}

#[cfg(unix)]
#[test]
fn a_key_of_the_user_is_exchanged_by_the_user() {
    let rig = Rig::logged_in();
    let before = token(&rig);
    let [old, new] = ["old.key", "new.key"].map(|name| rig.home().join(name));
    key_file(&old, "A");
    key_file(&new, "Q");
    let amp = |words: &[&str], key: &Path| ran(rig.amp(words).env("TOKEN_STORE_KEY_FILE", key));
    let moved = amp(&["auth", "migrate", "--to", "encrypted"], &old);
    assert_eq!(moved.code, Some(0), "{moved:?}");
    let refused = amp(&["auth", "rotate-key"], &old);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(refused.stderr.contains("--new-key-file"), "{refused:?}");

    let words = ["auth", "rotate-key", "--new-key-file", "new.key"];
    let rotated = amp(&words, &old);
    assert_eq!(rotated.code, Some(0), "{rotated:?}");
    assert!(
        rotated.stderr.contains("TOKEN_STORE_KEY_FILE=new.key"),
        "{rotated:?}"
    );
    assert_eq!(amp(&["auth", "token"], &new).stdout.trim(), before);
    let file = file(&rig, "tks").unwrap();
    let bytes = fs::read(&file).unwrap();
    let wrong = amp(&["auth", "token"], &old);
    assert_eq!(wrong.code, Some(9), "{wrong:?}");
    assert_eq!(
        fs::read(&file).unwrap(),
        bytes,
        "a wrong key removes nothing"
    );
}

#[test]
fn a_plain_file_has_no_key_to_rotate() {
    let rig = Rig::logged_in();
    let refused = rig.run(&["auth", "rotate-key"]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(
        refused.stderr.contains("migrate --to encrypted"),
        "{refused:?}"
    );
}

fn doctor(rig: &Rig) -> (Ran, Vec<Value>) {
    let ran = rig.run(&["doctor", "--json"]);
    let checks = ran.json()["checks"].as_array().unwrap().clone();
    (ran, checks)
}

fn state<'a>(checks: &'a [Value], name: &str) -> &'a Value {
    let check = checks.iter().find(|check| check["check"] == name);
    check.unwrap_or_else(|| panic!("{name}: {checks:?}"))
}

#[test]
fn a_healthy_place_has_no_problem_and_the_doctor_shows_no_secret() {
    let rig = Rig::logged_in();
    let before = token(&rig);
    rig.run(&["auth", "migrate", "--to", "encrypted"]);
    let (healthy, checks) = doctor(&rig);
    assert_eq!(healthy.code, Some(0), "{healthy:?}");
    assert_eq!(healthy.json()["ok"], true);
    for name in [
        "user", "store", "key", "token", "locks", "proxy", "service", "clock",
    ] {
        assert_eq!(state(&checks, name)["state"], "ok", "{name}: {checks:?}");
    }
    no_secret_in(&healthy, &before, rig.home());
    let requests = rig.sandbox.requests();
    assert_eq!(
        requests.len(),
        1,
        "asked once, and not for a token: {requests:?}"
    );
}

//
#[cfg(unix)]
#[test]
fn what_others_could_read_or_exchange_is_a_problem_with_its_fix_and_stays() {
    let rig = Rig::logged_in();
    let file = file(&rig, "json").unwrap();
    chmod(&file, 0o644);
    chmod(rig.home(), 0o777);
    let (sick, checks) = doctor(&rig);
    chmod(rig.home(), 0o700);
    assert_eq!(sick.code, Some(9), "{sick:?}");
    let problems: Vec<_> = checks
        .iter()
        .filter(|check| check["state"] == "problem")
        .map(|check| format!("{} {}", check["detail"], check["fix"]))
        .collect();
    let about = |path: &Path, fix: &str| {
        let path = path.display().to_string();
        problems
            .iter()
            .any(|problem| problem.contains(&path) && problem.contains(fix))
    };
    assert!(about(&file, "rm "), "{problems:?}");
    assert!(about(rig.home(), "chmod go-w"), "{problems:?}");
    assert!(file.exists(), "the doctor removes nothing");
}

#[test]
fn a_held_lock_is_shown_with_its_process() {
    let rig = Rig::logged_in();
    let file = file(&rig, "json").unwrap();
    let lock = file.with_extension("json.lock");
    let lock = fs::File::open(lock).unwrap();
    lock.lock_shared().unwrap();
    let (ran, checks) = doctor(&rig);
    // A shared lock lets the doctor's own through.
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(state(&checks, "locks")["state"], "ok");
    lock.unlock().unwrap();
    lock.lock().unwrap();
    let (ran, checks) = doctor(&rig);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let locks = state(&checks, "locks");
    assert_eq!(locks["state"], "warning", "{checks:?}");
    assert!(
        locks["detail"].as_str().unwrap().contains("process"),
        "{locks:?}"
    );
}

#[test]
fn a_missing_key_and_a_wrong_one_are_told_apart() {
    let rig = Rig::logged_in();
    rig.run(&["auth", "migrate", "--to", "encrypted"]);
    let doctor = |variable: &str, value: &str| {
        let ran = ran(rig.amp(&["doctor", "--json"]).env(variable, value));
        assert_eq!(ran.code, Some(9), "{ran:?}");
        let checks = ran.json()["checks"].to_string();
        assert!(!checks.contains("QQQQQQQQ"), "{checks}");
        checks
    };
    let missing = doctor("TOKEN_STORE_KEY_FILE", "/nowhere/key");
    assert!(missing.contains("openssl rand"), "{missing}");
    let other = format!("{}=", "Q".repeat(43));
    let wrong = doctor("TOKEN_STORE_KEY", &other);
    assert!(wrong.contains("--key-file"), "{wrong}");
    assert!(wrong.contains("TOKEN_STORE_KEY_FILE"), "{wrong}");
}

#[test]
fn a_service_that_is_away_is_a_problem_of_the_network() {
    let rig = Rig::logged_in();
    let (home, base_url) = rig.stop_service();
    let mut amp = crate::rig::bare(home.path());
    let away = ran(amp.args(["--base-url", &base_url, "doctor"]));
    assert_eq!(away.code, Some(8), "{away:?}");
    assert!(away.stdout.contains("PROBLEM"), "{away:?}");
}

// a proxy's address may hold a password.
#[test]
fn a_proxy_is_named_by_its_variable_alone() {
    let rig = Rig::new();
    let proxy = "http://user:hunter2@127.0.0.1:9";
    let ran = ran(rig.amp(&["doctor"]).env("HTTPS_PROXY", proxy));
    assert!(ran.stdout.contains("HTTPS_PROXY"), "{ran:?}");
    let shown = format!("{}{}", ran.stdout, ran.stderr);
    assert!(!shown.contains("hunter2"), "{shown}");
}

#[test]
fn a_store_that_is_no_store_is_named_with_its_variable() {
    let rig = Rig::new();
    let wrong = ran(rig
        .amp_as_user(&["auth", "status"])
        .env("AMP_TOKEN_STORE", "disk"));
    assert_eq!(wrong.code, Some(3), "{wrong:?}");
    assert!(wrong.stderr.contains("AMP_TOKEN_STORE"), "{wrong:?}");
    let refused = rig.run(&["--store", "keyring", "--token-file", "t", "auth", "status"]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
}
