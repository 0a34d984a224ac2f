//! Every error of the system at every call by which a step touches a file.

use integration_tests::CANARY;
use integration_tests::rig::{report, size};
use integration_tests::steps::Step;
use integration_tests::stores::Kind;
use integration_tests::wrong_store::Mistake;

use crate::outcome::{End, judge};
use crate::sweep::{Course, courses, each};
use crate::tracer::{Call, Trace};

/// The errors, and the kinds that a store may make of each. A call that locks has kinds of its own.
const ERRORS: [(&str, &str); 8] = [
    ("EIO", "Io"),
    ("ENOSPC", "NoSpace"),
    ("EDQUOT", "NoSpace"),
    ("EROFS", "Denied"),
    ("EMFILE", "Io"),
    ("EACCES", "Denied"),
    ("ENOLCK", "Io"),
    ("ESTALE", "Io"),
];

// C-30, A-38, W-S11, X-31
#[test]
fn any_error_at_any_call_is_typed_and_leaves_the_old_record_and_no_other_file() {
    let courses = courses();
    let cases = cases_of(&courses);
    let complaints = each(&cases, fail);
    report(format_args!(
        "errors: {} injected in {} steps, {} bad",
        cases.len(),
        courses.len(),
        complaints.len()
    ));
    assert_eq!(complaints, [""; 0]);
}

#[test]
fn the_errors_find_a_store_that_hides_them_litters_tells_its_token_or_panics() {
    for (mistake, word) in [
        (Mistake::Silent, "Acknowledged"),
        (Mistake::Litters, "temporary files"),
        (Mistake::Talkative, "secret"),
        (Mistake::Panics, "ended with 101"),
        (Mistake::InPlace, "not whole"),
    ] {
        let course = [Course::new(Step::Overwrite, Kind::Wrong(mistake))];
        let cases = cases_of(&course);
        let cases: Vec<_> = cases
            .into_iter()
            .filter(|case| case.2 == "error=EIO")
            .collect();
        let complaints = each(&cases, fail);
        let found = complaints.iter().any(|complaint| complaint.contains(word));
        assert!(found, "{mistake:?}: {complaints:?}");
        report(format_args!(
            "control {mistake:?}: found {} times",
            complaints.len()
        ));
    }
}

type Case<'a> = (&'a Course, Call, String, &'static str);

fn cases_of(courses: &[Course]) -> Vec<Case<'_>> {
    let mut cases = Vec::new();
    for course in courses {
        for (turn, call) in course.calls().into_iter().enumerate() {
            let all = if gets_all(course) {
                0..ERRORS.len()
            } else {
                turn..turn + 1
            };
            for which in all {
                let (name, kind) = ERRORS[which % ERRORS.len()];
                cases.push((course, call.clone(), format!("error={name}"), kind));
            }
            // The kernel takes nothing, and says so.
            if call.name.contains("write") {
                cases.push((course, call.clone(), "retval=0".to_owned(), "Io"));
            }
        }
    }
    cases
}

/// For a change, three steps of the encrypted store get every error at every call, and the others
/// one error at every call, in turn; reading a file of the CIDX client takes most of a second here.
fn gets_all(course: &Course) -> bool {
    let is_usual = matches!(course.step, Step::Overwrite | Step::Clear | Step::Refresh);
    let is_ours = course.kind != Kind::Plain && is_usual;
    is_ours || size(0, 1) == 1
}

fn fail((course, call, interference, kind): &Case<'_>) -> Result<(), String> {
    let (trace, place) = course.with(call, interference);
    let judged = judge_error(&trace, call, interference, kind)
        .and_then(|()| judge(course.step, course.kind, place.path(), &trace));
    let of = (course.step, course.kind);
    judged.map_err(|complaint| format!("{of:?}, {interference} at {}: {complaint}", call.line))
}

fn judge_error(trace: &Trace, call: &Call, interference: &str, kind: &str) -> Result<(), String> {
    let said = trace.said();
    let told = String::from_utf8_lossy(&trace.output.stderr);
    if said.contains(CANARY) || told.contains(CANARY) {
        return Err("it tells a secret".to_owned());
    }
    if End::of(trace)? != End::Failed {
        return Ok(());
    }
    let expected = match (call.name.as_str(), interference) {
        ("flock", "error=ENOLCK") => "error LockUnsupported",
        ("flock", _) => "error Io",
        _ => &format!("error {kind}"),
    };
    match said.lines().any(|line| line == expected) {
        true => Ok(()),
        false => Err(format!("not {expected}: {said}")),
    }
}
