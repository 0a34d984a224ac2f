//! Power cuts on a disk that is a file: as root, with loop devices and ext4.

use std::process::Command;

use integration_tests::rig::{report, size};
use tempfile::TempDir;

// W-C01, W-A04, C-20
#[test]
fn a_power_cut_loses_nothing_that_was_acknowledged_and_tears_nothing() {
    for (kind, cuts) in [("encrypted", size(40, 2_000)), ("plain", size(10, 500))] {
        let Some(said) = cut(kind, "full", cuts) else {
            return;
        };
        report(format_args!("power cuts, {kind}: {said}"));
        assert_eq!(said, format!("CUTS {cuts} TORN 0 LOST 0"));
    }
}

#[test]
fn a_power_cut_finds_a_store_that_does_not_flush_its_file_or_its_name() {
    for durability in ["none", "file"] {
        let Some(said) = cut("encrypted", durability, 300) else {
            return;
        };
        report(format_args!("control, flushing {durability}: {said}"));
        assert!(!said.ends_with("TORN 0 LOST 0"), "{said}");
    }
}

/// What the cuts found; nothing where the rig cannot be.
fn cut(kind: &str, durability: &str, cuts: usize) -> Option<String> {
    let place = TempDir::new_in("/dev/shm").or_else(|_| TempDir::new());
    let place = place.unwrap();
    let mut command = Command::new("unshare");
    command.args(["--mount", env!("CARGO_BIN_EXE_power_cut"), kind, durability]);
    let output = command.arg(cuts.to_string()).arg(place.path()).output();
    let output = output.ok().filter(|output| !output.stdout.is_empty());
    let said = output
        .as_ref()
        .map(|output| String::from_utf8_lossy(&output.stdout));
    match said.as_deref().map(str::trim) {
        Some(said) if said.starts_with("CUTS") => Some(said.to_owned()),
        Some(said) if said.starts_with("NOT HERE") => {
            report(format_args!("SKIPPED power cuts: {said}"));
            None
        }
        // Not root: no namespace and no word.
        None if !is_root() => {
            report("SKIPPED power cuts: NOT HERE without root");
            None
        }
        _ => panic!("the rig fails: {output:?}"),
    }
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|id| id.stdout == b"0\n")
}
