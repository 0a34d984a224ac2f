//! Every call of every step, one after the other.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Mutex;
use std::thread;

use integration_tests::steps::Step;
use integration_tests::stores::Kind;
use tempfile::TempDir;

use crate::tracer::{Call, Trace, calls_before, interfere, trace};

/// A step, what it starts from, and the calls that it makes.
pub(crate) struct Course {
    pub(crate) step: Step,
    pub(crate) kind: Kind,
    start: TempDir,
    whole: Trace,
}

impl Course {
    pub(crate) fn new(step: Step, kind: Kind) -> Self {
        let start = directory();
        step.prepare(kind, start.path()).unwrap();
        let place = copy_of(start.path());
        let whole = trace(step, kind, place.path());
        let said = whole.said();
        assert!(
            said.contains("stored"),
            "{step:?} {kind:?}: {said} {whole:?}"
        );
        assert!(!whole.calls.is_empty(), "{step:?} {kind:?} has no calls");
        let start = start;
        Self {
            step,
            kind,
            start,
            whole,
        }
    }

    /// Those that touch a file; what it says goes to no file.
    pub(crate) fn calls(&self) -> Vec<Call> {
        let calls = self.whole.calls.iter();
        let to_a_file = |call: &&Call| !call.line.starts_with("write(1,");
        calls.filter(to_a_file).cloned().collect()
    }

    /// The step once more, with this done to one of its calls, and the place that it left.
    pub(crate) fn with(&self, call: &Call, interference: &str) -> (Trace, TempDir) {
        let before = calls_before(&self.whole, &call.name);
        let fresh = || copy_of(self.start.path());
        interfere((self.step, self.kind), call, interference, fresh, before)
    }
}

/// The steps of both stores, in the order of their declaration.
pub(crate) fn courses() -> Vec<Course> {
    let kinds = [Kind::Encrypted, Kind::Plain];
    let all = kinds.map(|kind| Step::ALL.map(|step| (step, kind)));
    let all = all.into_iter().flatten();
    all.filter(|(step, kind)| step.fits(*kind))
        .map(|(step, kind)| Course::new(step, kind))
        .collect()
}

/// Does it to each, on every processor, and collects the complaints.
pub(crate) fn each<T: Sync>(
    all: &[T],
    judge: impl Fn(&T) -> Result<(), String> + Sync,
) -> Vec<String> {
    let left = Mutex::new(all.iter());
    let complaints = Mutex::new(Vec::new());
    let workers = thread::available_parallelism().map_or(2, usize::from);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let next = left.lock().unwrap().next();
                    let Some(next) = next else { return };
                    if let Err(complaint) = judge(next) {
                        complaints.lock().unwrap().push(complaint);
                    }
                }
            });
        }
    });
    complaints.into_inner().unwrap()
}

/// A directory in memory where there is one: nothing here depends on the disk.
fn directory() -> TempDir {
    TempDir::new_in("/dev/shm")
        .or_else(|_| TempDir::new())
        .unwrap()
}

fn copy_of(start: &Path) -> TempDir {
    let place = directory();
    for entry in fs::read_dir(start).unwrap() {
        let from = entry.unwrap();
        let to = place.path().join(from.file_name());
        fs::copy(from.path(), &to).unwrap();
        let mode = fs::metadata(from.path()).unwrap().permissions().mode();
        fs::set_permissions(&to, fs::Permissions::from_mode(mode)).unwrap();
    }
    place
}
