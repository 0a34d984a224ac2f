//! Token files that cannot be trusted are never used and never destroyed.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use crate::rig::{PASSWORD, Ran, Rig, USER, ran};

fn rejected(directory: &Path) -> Vec<Vec<u8>> {
    let entries = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let rejected = entries.filter(|path| path.to_string_lossy().contains(".rejected-"));
    rejected.map(|path| fs::read(path).unwrap()).collect()
}

// W-A04
#[test]
fn a_file_that_others_can_read_is_set_aside_and_a_login_follows() {
    let rig = Rig::logged_in();
    let file = rig.token_file();
    let planted = fs::read(&file).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();

    let ran = rig.run_as_user(&["assets", "list"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stderr.contains("set aside"), "{ran:?}");
    assert_eq!(rig.logins(), 1, "its token was not used");
    assert_eq!(rejected(&rig.state()), [planted]);
    assert_ne!(fs::read(&file).unwrap(), rejected(&rig.state())[0]);
}

//
#[test]
fn a_file_that_is_no_token_file_is_set_aside_and_a_login_follows() {
    let rig = Rig::logged_in();
    let file = rig.token_file();
    for garbage in [&b"{\"token\": \"half"[..], b"", &[b'x'; 70_000]] {
        rig.sandbox.clear_requests();
        fs::write(&file, garbage).unwrap();
        let ran = rig.run_as_user(&["assets", "list"]);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert_eq!(rig.logins(), 1);
        assert!(rejected(&rig.state()).contains(&garbage.to_vec()));
    }
}

// X-18, W-A04
#[test]
fn a_link_or_a_directory_in_its_place_is_9_and_stays_untouched() {
    let rig = Rig::logged_in();
    let file = rig.token_file();
    let victim = rig.home().join("victim");
    fs::rename(&file, &victim).unwrap();
    let before = fs::read(&victim).unwrap();
    symlink(&victim, &file).unwrap();
    for words in [
        &["assets", "list"][..],
        &["auth", "login"],
        &["auth", "logout"],
        &["auth", "status"],
    ] {
        let ran = rig.run_as_user(words);
        assert_eq!(
            (ran.code, ran.stdout.as_str()),
            (Some(9), ""),
            "{words:?}: {ran:?}"
        );
    }
    assert_eq!(fs::read(&victim).unwrap(), before);
    assert!(fs::symlink_metadata(&file).unwrap().is_symlink());

    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    assert_eq!(rig.run_as_user(&["assets", "list"]).code, Some(9));
    assert!(file.is_dir());
    assert_eq!(rig.sandbox.total(), 0);
}

// W-A03
#[test]
fn the_file_of_another_user_is_9_and_stays_untouched() {
    let rig = Rig::logged_in();
    let file = rig.token_file();
    let before = fs::read(&file).unwrap();
    let named = ["--token-file", file.to_str().unwrap()];
    let mut command = rig.amp(&[&named[..], &["auth", "login", "--username", "other"]].concat());
    let ran = ran(command.env("AMP_PASSWORD", "other-pass"));
    assert_eq!(ran.code, Some(9), "{ran:?}");
    assert_eq!(fs::read(&file).unwrap(), before);
    assert_eq!(rig.sandbox.total(), 0);
}

/// The command on a disk that takes no more bytes.
fn on_a_full_disk(rig: &Rig, words: &[&str]) -> Ran {
    let script = "trap '' XFSZ; ulimit -f 0; exec \"$0\" \"$@\"";
    let mut command = assert_cmd::Command::new("/bin/sh");
    command
        .env_clear()
        .env("XDG_STATE_HOME", rig.home().join("state"));
    command
        .env("AMP_USERNAME", USER)
        .env("AMP_PASSWORD", PASSWORD);
    command.args(["-c", script, env!("CARGO_BIN_EXE_amp"), "--base-url"]);
    ran(command.arg(rig.sandbox.base_url()).args(words))
}

// A login is asked for to be kept, so one that cannot be kept is a failure.
#[test]
fn a_login_that_cannot_be_kept_is_9() {
    let rig = Rig::new();
    fs::write(rig.home().join("state"), "in the way").unwrap();
    let blocked = rig.run_as_user(&["auth", "login"]);
    assert_eq!(blocked.code, Some(9), "{blocked:?}");
    assert_eq!(rig.logins(), 0);

    let rig = Rig::logged_in();
    let held = rig.stored_token();
    let full = on_a_full_disk(&rig, &["auth", "login"]);
    assert_eq!(full.code, Some(9), "{full:?}");
    assert!(full.stderr.contains("could not be stored"), "{full:?}");
    assert_eq!((rig.logins(), rig.stored_token()), (1, held));
}

// A-38, C-30
#[test]
fn a_call_goes_on_where_its_token_cannot_be_kept() {
    let rig = Rig::new();
    let listed = on_a_full_disk(&rig, &["assets", "list"]);
    assert_eq!(listed.code, Some(0), "{listed:?}");
    assert!(listed.stderr.contains("WARN"), "{listed:?}");
    assert_eq!(rig.logins(), 1);
    let names = fs::read_dir(rig.state())
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    let left: Vec<_> = names
        .filter(|name| name.to_string_lossy().ends_with(".tmp"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}
