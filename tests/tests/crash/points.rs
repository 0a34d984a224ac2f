//! Death before every call by which a step touches a file.

use integration_tests::rig::{report, size};
use integration_tests::steps::Step;
use integration_tests::stores::Kind;
use integration_tests::wrong_store::Mistake;

use crate::outcome::judge;
use crate::sweep::{Course, courses, each};
use crate::tracer::Call;

/// How many points there are at least, or the rig misses what it is for.
const POINTS: usize = 150;

// W-A04, W-C01, C-20, C-30, X-31
#[test]
fn death_before_any_call_leaves_the_old_record_or_the_new_one() {
    let courses: Vec<_> = courses();
    let points = points_of(&courses);
    let complaints = each(&points, kill);
    report(format_args!(
        "kill points: {} in {} steps, {} bad",
        points.len(),
        courses.len(),
        complaints.len()
    ));
    assert_eq!(complaints, [""; 0]);
    assert!(points.len() >= POINTS, "{}", points.len());
}

#[test]
fn the_kill_points_find_a_store_that_writes_in_place_or_litters() {
    for (mistake, word) in [
        (Mistake::InPlace, "not whole"),
        (Mistake::Litters, "temporary files"),
    ] {
        let course = [Course::new(Step::Overwrite, Kind::Wrong(mistake))];
        let complaints = each(&points_of(&course), kill);
        let found = complaints.iter().any(|complaint| complaint.contains(word));
        assert!(found, "{mistake:?}: {complaints:?}");
        report(format_args!(
            "control {mistake:?}: found {} times",
            complaints.len()
        ));
    }
}

type Point<'a> = (&'a Course, Call);

fn points_of(courses: &[Course]) -> Vec<Point<'_>> {
    let calls = |course| {
        Course::calls(course)
            .into_iter()
            .map(move |call| (course, call))
    };
    let points = courses.iter().flat_map(calls);
    points
        .filter(|(course, call)| is_worth_it(course, call))
        .collect()
}

/// Reading a file of the CIDX client takes most of a second here, so for a change it is killed only
/// before what can make a difference to the next one.
fn is_worth_it(course: &Course, call: &Call) -> bool {
    let harmless = [
        "read",
        "fstat",
        "statx",
        "newfstatat",
        "lseek",
        "close",
        "fcntl",
        "getdents64",
    ];
    let is_harmless = harmless.contains(&call.name.as_str());
    course.step != Step::Import || !is_harmless || size(0, 1) == 1
}

fn kill((course, call): &Point<'_>) -> Result<(), String> {
    let (trace, place) = course.with(call, "signal=KILL");
    let (step, kind) = (course.step, course.kind);
    let judged = judge(step, kind, place.path(), &trace);
    judged.map_err(|complaint| format!("{step:?} {kind:?} before {}: {complaint}", call.line))
}
