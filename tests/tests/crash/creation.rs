//! The very call that makes a file.

use integration_tests::rig::report;
use integration_tests::steps::Step;
use integration_tests::stores::Kind;
use integration_tests::wrong_store::Mistake;
use tempfile::TempDir;

use crate::tracer::trace_under;

// A-46, C-04, C-03, W-A04, W-C01
#[test]
fn a_token_file_is_made_as_a_new_one_for_its_owner_alone_whatever_the_umask() {
    for kind in [Kind::Plain, Kind::Encrypted] {
        for umask in ["000", "022"] {
            for step in [Step::Store, Step::Overwrite, Step::Clear, Step::Refresh] {
                assert_eq!(complaints(umask, step, kind), [""; 0], "{umask}");
            }
        }
    }
}

#[test]
fn a_temporary_file_over_whatever_is_there_with_the_umask_s_mode_is_found() {
    let kind = Kind::Wrong(Mistake::Guessable);
    let found = complaints("000", Step::Overwrite, kind);
    assert!(!found.is_empty(), "nothing was found");
    report(format_args!("control {kind:?}: found {}", found.len()));
}

/// The calls that make a file that may be there already, or that is not its owner's alone.
fn complaints(umask: &str, step: Step, kind: Kind) -> Vec<String> {
    let place = TempDir::new().unwrap();
    step.prepare(kind, place.path()).unwrap();
    let trace = trace_under(umask, step, kind, place.path());
    assert!(trace.said().contains("stored"), "{trace:?}");
    let lines = trace.calls.iter().map(|call| call.line.clone());
    let makes = |line: &String| line.contains("O_CREAT") || line.starts_with("mkdir");
    let made: Vec<_> = lines.filter(makes).collect();
    assert!(!made.is_empty(), "{trace:?}");
    made.into_iter().filter(|line| !is_private(line)).collect()
}

/// Lock files are there for ever, so they are opened, and never through a link.
fn is_private(line: &str) -> bool {
    if line.starts_with("mkdir") {
        return line.contains(", 0700)");
    }
    let is_lock = line.contains(".lock\"");
    let is_new = line.contains("O_EXCL") || is_lock;
    is_new && line.contains("O_NOFOLLOW") && line.contains(", 0600)")
}
