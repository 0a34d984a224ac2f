//! The keyring of the operating system, on a real service in a session of each test's own.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

/// Runs this script beside a keyring that nobody else knows. `start` starts its service.
fn in_session(start: &str, script: &str) -> (TempDir, Output) {
    let home = TempDir::new().unwrap();
    let output = command("dbus-run-session", home.path())
        .args(["--", "sh", "-c", &format!("{start}\n{script}")])
        .output()
        .unwrap();
    (home, output)
}

/// A program that sees nothing of the session in which the test runs.
fn command(program: &str, home: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("HOME", home);
    command.env("XDG_RUNTIME_DIR", home);
    command.env("PROGRAM", env!("CARGO_BIN_EXE_keyring_program"));
    command.env("LOCKS", home.join("locks"));
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command
}

/// Starts the service with its keyring unlocked.
const UNLOCKED: &str =
    "printf password | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1";

fn lines(output: &Output) -> Vec<&str> {
    let text = std::str::from_utf8(&output.stdout).unwrap();
    assert!(output.status.success(), "{output:?}");
    text.lines().collect()
}

#[test]
fn the_keyring_store_keeps_the_contract_on_a_real_service() {
    let (_home, output) = in_session(UNLOCKED, r#""$PROGRAM" contract "$LOCKS""#);
    assert_eq!(lines(&output), ["kept"], "{output:?}");
}

#[test]
fn processes_that_ask_at_once_get_one_key_and_a_rotated_one_comes_first() {
    let ask = r#""$PROGRAM" key "$LOCKS""#;
    let script = format!("{ask} & {ask} & {ask} & {ask} & wait; \"$PROGRAM\" rotate \"$LOCKS\"");
    let (_home, output) = in_session(UNLOCKED, &script);
    let said = lines(&output);
    assert_eq!(said.len(), 6, "{output:?}");
    assert!(said[..4].iter().all(|id| *id == said[0]), "{said:?}");
    assert_ne!(said[4], said[0]);
    assert_eq!(said[5], said[0], "the old one still opens");
}

#[test]
fn a_keyring_without_a_service_and_a_locked_one_are_told_apart_in_time() {
    let home = TempDir::new().unwrap();
    let away = command(env!("CARGO_BIN_EXE_keyring_program"), home.path())
        .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/bus")
        .args(["open", "locks"])
        .current_dir(home.path())
        .output()
        .unwrap();
    assert_eq!(lines(&away), ["NoKeyring"], "{away:?}");
    // Nobody can answer the question for the password, and nobody waits for ever for that.
    let locked = "gnome-keyring-daemon --start --components=secrets >/dev/null 2>&1";
    let (_home, output) = in_session(locked, r#""$PROGRAM" open "$LOCKS""#);
    let said = lines(&output);
    let is_typed = ["KeyringLocked", "KeyringTimeout"].contains(&said[0]);
    assert!(is_typed, "{output:?}");
}
