//! Processes that wait for a common start.

use std::io::{BufRead, BufReader, Lines, Read};
use std::process::{Child, ChildStdout, Command, Stdio};

/// A process that says `ready`, and begins at the end of its input.
pub(crate) struct Process {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Process {
    pub(crate) fn start(program: &str, arguments: &[&str]) -> Self {
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::piped());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    pub(crate) fn begin(&mut self) {
        drop(self.child.stdin.take());
    }

    /// The next line that it says; nothing at its end.
    pub(crate) fn hear(&mut self) -> String {
        self.lines.next().and_then(Result::ok).unwrap_or_default()
    }

    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// What it says to its end; its complaint, if it fails.
    pub(crate) fn end(mut self) -> Result<Vec<String>, String> {
        let said = self.lines.map_while(Result::ok).collect();
        let mut complaint = String::new();
        let mut stderr = self.child.stderr.take().unwrap();
        stderr.read_to_string(&mut complaint).unwrap();
        match self.child.wait().unwrap().success() {
            true => Ok(said),
            false => Err(complaint),
        }
    }
}

/// Starts all of them when all are ready, and answers the complaints.
pub(crate) fn run(mut processes: Vec<Process>) -> Vec<String> {
    for process in &mut processes {
        assert_eq!(process.hear(), "ready");
    }
    processes.iter_mut().for_each(Process::begin);
    let ended = processes.into_iter().map(Process::end);
    ended.filter_map(Result::err).collect()
}
