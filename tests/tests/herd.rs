//! Many processes on one token file.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use amp_sandbox::Sandbox;
use tempfile::TempDir;
use token_store::{Binding, FileStore};

const PROCESSES: u64 = 64;
const TURNS: u64 = 10;

// W-A04, C-20, X-31: upstream's writers overwrite each other.
#[test]
fn sixty_four_processes_lose_no_compare_and_swap() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("token.json");
    let turns = TURNS.to_string();
    let writers = (0..PROCESSES).map(|_| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_store_writer"));
        start(command.arg("turns").arg(&path).arg(&turns))
    });
    release(writers.collect());
    let binding = Binding::new("https://amp.example/api", "alice").unwrap();
    let loaded = FileStore::open(&path, binding).unwrap().read_now().unwrap();
    assert_eq!(loaded.generation.number(), PROCESSES * TURNS);
}

// W-A19, C-28, C-32: one login for all processes that share a store.
#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_processes_on_an_empty_file_log_in_once() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("token.json");
    let base_url = sandbox.base_url().to_owned();
    let callers = move || -> Vec<Child> {
        (0..PROCESSES)
            .map(|_| start_caller(&base_url, &path))
            .collect()
    };
    tokio::task::spawn_blocking(move || {
        let mut callers = callers();
        callers.iter_mut().for_each(wait_until_ready);
        release(callers);
    })
    .await
    .unwrap();
    assert_eq!(sandbox.count("POST", "/user/obtain_token"), 1);
    assert_eq!(sandbox.count("GET", "/user/refresh-token"), 0);
    assert_eq!(sandbox.count("GET", "/assets"), 64);
}

fn start_caller(base_url: &str, path: &Path) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_first_call"));
    start(command.arg(base_url).arg(path).stdout(Stdio::piped()))
}

fn start(command: &mut Command) -> Child {
    command.stdin(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

fn wait_until_ready(process: &mut Child) {
    let mut line = String::new();
    BufReader::new(process.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    assert_eq!(line, "ready\n");
}

/// The end of its input starts each of them; then all must succeed.
fn release(mut processes: Vec<Child>) {
    for process in &mut processes {
        drop(process.stdin.take());
    }
    for mut process in processes {
        let mut said = String::new();
        let mut stderr = process.stderr.take().unwrap();
        stderr.read_to_string(&mut said).unwrap();
        assert!(process.wait().unwrap().success(), "{said}");
    }
}
