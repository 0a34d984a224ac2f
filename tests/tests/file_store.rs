//! What only another process can show of the file store: its umask, its limits, its death.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use integration_tests::stored_token;
use tempfile::TempDir;
use token_store::{Binding, FileStore, Generation, LeaseAttempt, TokenStore};

/// Makes one compare-and-swap in a process of a shell that ran `before`.
fn swap_after(before: &str, path: &Path) -> Output {
    let script = format!("{before}; exec \"$0\" turns \"$1\" 1");
    let mut command = Command::new("sh");
    command.args(["-c", &script, env!("CARGO_BIN_EXE_store_writer")]);
    command.arg(path).stdin(Stdio::null()).output().unwrap()
}

fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn open(path: &Path) -> FileStore {
    let binding = Binding::new("https://amp.example/api", "alice").unwrap();
    FileStore::open(path, binding).unwrap()
}

// A-46, C-04, W-A04
#[test]
fn the_modes_of_the_files_do_not_depend_on_the_umask() {
    let umasks = ["000", "022", "277"].into_iter();
    let cases = umasks.flat_map(|umask| ["token.json", "token.tks"].map(|name| (umask, name)));
    for (umask, name) in cases {
        let directory = TempDir::new().unwrap();
        let path = directory.path().join(name);
        let output = swap_after(&format!("umask {umask}"), &path);
        assert!(output.status.success(), "{output:?}");
        let made = names(directory.path());
        assert_eq!(made, [name.to_owned(), format!("{name}.lock")]);
        for name in made {
            let mode = fs::metadata(directory.path().join(&name)).unwrap();
            let mode = mode.permissions().mode() & 0o7777;
            assert_eq!(mode, 0o600, "{name} under umask {umask}");
        }
    }
}

// C-30, A-38
#[test]
fn a_write_that_is_cut_short_leaves_the_earlier_token_and_no_other_file() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("token.json");
    assert!(swap_after("true", &path).status.success());
    let before = (fs::read(&path).unwrap(), names(directory.path()));
    assert!(
        before.0.len() > 512,
        "the limit must cut it: {}",
        before.0.len()
    );

    // No file may grow beyond one block of 512 bytes, and that is an error, not a signal.
    let output = swap_after("trap '' XFSZ; ulimit -f 1", &path);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success());
    assert!(said.contains("NoSpace"), "{said}");
    assert!(!said.contains("generation-2"), "{said}");
    assert_eq!((fs::read(&path).unwrap(), names(directory.path())), before);
    let loaded = open(&path).read_now().unwrap();
    assert_eq!(loaded.record, Some(stored_token(Generation::new(1))));
    assert!(swap_after("true", &path).status.success());
}

//
#[tokio::test]
async fn a_killed_holder_s_lease_is_free_and_its_mark_is_found() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("token.json");
    let mut command = Command::new(env!("CARGO_BIN_EXE_store_writer"));
    command.arg("lease").arg(&path).arg("7");
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut holder = command.spawn().unwrap();
    let mut said = String::new();
    let mut stdout = BufReader::new(holder.stdout.take().unwrap());
    stdout.read_line(&mut said).unwrap();
    assert_eq!(said, "sent\n");

    let store = open(&path);
    let ttl = Duration::from_secs(30);
    let held = store.try_lease(ttl).await;
    assert!(matches!(held, LeaseAttempt::Held(None)), "{held:?}");

    holder.kill().unwrap();
    holder.wait().unwrap();
    match store.try_lease(ttl).await {
        LeaseAttempt::Acquired(lease) => {
            assert_eq!(lease.found_sent(), Some(Generation::new(7)));
        }
        other => panic!("the dead hold nothing: {other:?}"),
    }
}
