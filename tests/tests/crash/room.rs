//! A file system that is full, in a mount namespace of its own.

use std::path::Path;
use std::process::Command;

use integration_tests::CANARY;
use integration_tests::rig::report;
use integration_tests::stores::Kind;
use integration_tests::wrong_store::Mistake;
use tempfile::TempDir;

/// Mounts the room, stores generation 1, fills the room, tries to store generation 2, makes room,
/// and stores it.
const SCRIPT: &str = r#"
options=$1 room=$2 bin=$3 kind=$4
mount -t tmpfs -o "mode=0700,$options" room "$room" 2>/dev/null || { echo NO ROOM; exit; }
"$bin/store_writer" turns "$kind" "$room/token" 1 </dev/null >/dev/null
echo = full
cat /dev/zero >"$room/fill.0" 2>/dev/null
fill=0
while [ $fill -lt 64 ] && touch "$room/more.$fill"; do fill=$((fill + 1)); done 2>/dev/null
"$bin/store_step" Overwrite "$kind" "$room"
"$bin/store_step" Load "$kind" "$room"
ls -A "$room"
echo = room
rm -f "$room"/fill.* "$room"/more.*
"$bin/store_step" Overwrite "$kind" "$room"
ls -A "$room"
"#;

// C-30, A-38
#[test]
fn without_room_for_bytes_or_names_the_old_token_stays_and_no_other_file() {
    for options in ["size=64k", "size=1m,nr_inodes=12"] {
        for kind in [Kind::Encrypted, Kind::Plain] {
            let said = fill(options, kind);
            if said.contains("NO ROOM") || said.is_empty() {
                report("SKIPPED the full file system: nothing can be mounted here");
                return;
            }
            judge(&said).unwrap_or_else(|complaint| panic!("{options} {kind:?}: {complaint}"));
        }
    }
    report("full file systems: 4 of bytes or names, old token there, nothing left");
}

#[test]
fn a_store_that_hides_that_there_is_no_room_is_found() {
    let said = fill("size=64k", Kind::Wrong(Mistake::Silent));
    if said.contains("NO ROOM") || said.is_empty() {
        report("SKIPPED the control of the full file system: nothing can be mounted here");
        return;
    }
    let found = judge(&said).unwrap_err();
    let found = found.lines().next().unwrap_or_default();
    report(format_args!("control Silent: {found}"));
}

fn fill(options: &str, kind: Kind) -> String {
    let room = TempDir::new().unwrap();
    let bin = Path::new(env!("CARGO_BIN_EXE_store_step"));
    let bin = bin.parent().unwrap();
    let mut command = Command::new("unshare");
    // Root needs no user namespace, and others may have one.
    command.args(["--user", "--map-root-user", "--mount", "sh", "-c", SCRIPT]);
    command.args(["sh", options]).arg(room.path()).arg(bin);
    let output = command.arg(kind.name()).output();
    output.map_or_else(
        |_| String::new(),
        |output| String::from_utf8_lossy(&output.stdout).into_owned(),
    )
}

fn judge(said: &str) -> Result<(), String> {
    let (full, room) = said
        .split_once("= full\n")
        .and_then(|(_, rest)| rest.split_once("= room\n"))
        .ok_or_else(|| format!("the script ended early: {said}"))?;
    let mut lines = full.lines();
    if lines.next() != Some("error NoSpace") {
        return Err(format!("no typed error: {full}"));
    }
    if said.contains(CANARY) {
        return Err("it tells a secret".to_owned());
    }
    if !lines.any(|line| line == "stored") {
        return Err(format!("the old token cannot be read: {full}"));
    }
    if said.lines().any(|line| line.ends_with(".tmp")) {
        return Err(format!("a temporary file is left: {said}"));
    }
    match room == "stored\ntoken\ntoken.lock\n" {
        true => Ok(()),
        false => Err(format!("with room again it says {room}")),
    }
}
