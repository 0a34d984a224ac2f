//! One step of a store under strace, which notes its file calls and interferes with one of them.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use integration_tests::steps::Step;
use integration_tests::stores::Kind;

/// Every call by which a file is found, made, read, changed or locked. A question mark stands
/// before what not every processor has.
const CALLS: &str = "?open,openat,?creat,read,pread64,readv,write,pwrite64,writev,lseek,fsync,\
    fdatasync,?rename,?renameat,renameat2,?unlink,unlinkat,?link,linkat,flock,fcntl,fstat,\
    ?newfstatat,statx,?stat,?lstat,fchmod,?chmod,fchmodat,?mkdir,mkdirat,getdents64,ftruncate,close";

/// What a step did between its two marks.
#[derive(Debug)]
pub(crate) struct Trace {
    pub(crate) calls: Vec<Call>,
    /// How many calls of each name came before the first mark.
    before: Vec<String>,
    pub(crate) output: Output,
}

/// A call, and how many of its name came before it in the step.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) name: String,
    pub(crate) nth: usize,
    pub(crate) line: String,
}

impl Trace {
    pub(crate) fn said(&self) -> String {
        String::from_utf8_lossy(&self.output.stdout).into_owned()
    }

    /// The call that the interference hit, if it was one of the step.
    fn hit(&self) -> Option<&Call> {
        let hit = |call: &&Call| call.line.contains("(INJECTED)") || call.line.ends_with("= ?");
        self.calls.iter().find(hit)
    }

    fn earlier(&self, name: &str) -> usize {
        self.before.iter().filter(|call| *call == name).count()
    }
}

/// The step as it is.
pub(crate) fn trace(step: Step, kind: Kind, place: &Path) -> Trace {
    run(step, kind, place, None, None)
}

/// The step with `interference` at this call of it; `prepare` makes the place anew. A process does
/// not start with the same calls every time, so what was hit is compared with what was meant.
pub(crate) fn interfere(
    (step, kind): (Step, Kind),
    call: &Call,
    interference: &str,
    prepare: impl Fn() -> tempfile::TempDir,
    mut before: usize,
) -> (Trace, tempfile::TempDir) {
    for _ in 0..5 {
        let place = prepare();
        let when = before + call.nth + 1;
        let inject = format!("inject={}:{interference}:when={when}", call.name);
        let trace = run(step, kind, place.path(), None, Some(&inject));
        if trace.hit().is_some_and(|hit| hit.nth == call.nth) {
            return (trace, place);
        }
        before = trace.earlier(&call.name);
    }
    panic!("{call:?} of {step:?} is not hit");
}

/// How many calls of this name a process makes before a step.
pub(crate) fn calls_before(trace: &Trace, name: &str) -> usize {
    trace.earlier(name)
}

/// The step with this umask.
pub(crate) fn trace_under(umask: &str, step: Step, kind: Kind, place: &Path) -> Trace {
    run(step, kind, place, Some(umask), None)
}

fn run(step: Step, kind: Kind, place: &Path, umask: Option<&str>, inject: Option<&str>) -> Trace {
    let notes = tempfile::NamedTempFile::new().unwrap();
    let mut command = match umask {
        Some(umask) => {
            let mut shell = Command::new("sh");
            shell.args(["-c", "umask \"$0\"; exec strace \"$@\"", umask]);
            shell
        }
        None => Command::new("strace"),
    };
    command.args(["-qq", "-s", "256", "-o"]).arg(notes.path());
    command.arg("-e").arg(format!("trace={CALLS}"));
    if let Some(inject) = inject {
        command.args(["-e", inject]);
    }
    command.arg(env!("CARGO_BIN_EXE_store_step"));
    command.args([format!("{step:?}"), kind.name()]).arg(place);
    let output = command.output().unwrap();
    let told = fs::read_to_string(notes.path()).unwrap();
    read(&told, output)
}

fn read(told: &str, output: Output) -> Trace {
    let (before, rest) = told.split_once("\"begin-step\"").unwrap_or((told, ""));
    let step = rest
        .split_once("\"end-step\"")
        .map_or(rest, |(step, _)| step);
    let name = |line: &str| line.split_once('(').map(|(name, _)| name.to_owned());
    let mut calls: Vec<Call> = Vec::new();
    // The first line is what is left of the mark, and the last one the head of the other.
    let mut lines: Vec<_> = step.lines().skip(1).collect();
    if rest.contains("\"end-step\"") {
        lines.pop();
    }
    for line in lines {
        let Some(name) = name(line).filter(|name| !name.starts_with(['+', '-'])) else {
            continue;
        };
        let nth = calls.iter().filter(|call| call.name == name).count();
        let line = line.to_owned();
        calls.push(Call { name, nth, line });
    }
    Trace {
        calls,
        before: before.lines().filter_map(name).collect(),
        output,
    }
}
