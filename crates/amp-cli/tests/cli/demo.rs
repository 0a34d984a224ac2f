//! `amp demo`: the main job, on the embedded service.

use assert_cmd::Command;

use crate::rig::ran;

fn demo(words: &[&str]) -> (crate::rig::Ran, tempfile::TempDir) {
    let place = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_amp"));
    command.arg("demo").args(words);
    command
        .env_clear()
        .env("TMPDIR", place.path())
        .current_dir(place.path());
    (ran(&mut command), place)
}

// W-A11, W-A12, W-A18: with no environment set; every claim is checked by the demo itself.
#[test]
fn every_claim_holds_and_nothing_is_left_behind() {
    let (ran, place) = demo(&["--json"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{ran:?}");
    let report = ran.json();
    let steps = report["steps"].as_array().unwrap();
    let logins: Vec<_> = steps
        .iter()
        .map(|step| step["logins"].as_u64().unwrap())
        .collect();
    assert_eq!(logins, [1, 0, 0, 0, 1, 1, 0, 0], "{report:#}");
    let refreshes: Vec<_> = steps
        .iter()
        .map(|step| step["refreshes"].as_u64().unwrap())
        .collect();
    assert_eq!(refreshes, [0, 0, 1, 0, 0, 0, 0, 0], "{report:#}");
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0);
}

// W-A10
#[test]
fn its_timeline_shows_no_token() {
    let (ran, _place) = demo(&["-vv"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stdout.contains("All 8 claims held"), "{ran:?}");
    let said = format!("{}{}", ran.stdout, ran.stderr);
    let looks_like_a_token =
        |word: &str| word.len() >= 40 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let words = said.split(|c: char| !c.is_ascii_alphanumeric());
    let shown: Vec<_> = words.filter(|word| looks_like_a_token(word)).collect();
    assert!(shown.is_empty(), "{shown:?}");
}
