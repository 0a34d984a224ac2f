//! Many who need their first token at the same time: how often the token endpoint is asked, and
//! how long it takes until all are served.
//!
//! `herd` measures; `herd process BASE_URL FILE` is one of the processes.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use amp_client::ApiClient;
use amp_sandbox::{DEFAULT_PASSWORD, DEFAULT_USERNAME, Fault, Sandbox};
use anyhow::{Context, Result, ensure};
use benches::{Measurement, SlowProvider};
use futures_util::future::join_all;
use token_manager::{Credentials, FixedCredentials, TokenManager};
use token_store::{Binding, FileStore};
use tokio::sync::{OnceCell, Semaphore};

const TASKS: usize = 10_000;
const TASK_LATENCY: Duration = Duration::from_millis(50);
const PROCESSES: usize = 64;
/// Long enough to outlast the start of 64 processes on two cores.
const PROCESS_LATENCY: Duration = Duration::from_millis(500);
/// Each in turn, so often; of the walls the best is told, of the requests the most.
const ROUNDS: usize = 7;
const PROCESS_ROUNDS: usize = 3;
const DAY: Duration = Duration::from_secs(86_400);

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().is_some() {
        let base_url = arguments.next().context("the base URL is missing")?;
        let file = arguments.next().context("the token file is missing")?;
        return first_call(&base_url, &file).await;
    }
    let (mut ours, mut cell) = (Best::default(), Best::default());
    for _ in 0..ROUNDS {
        ours.keep(manager().await);
        cell.keep(once_cell().await);
    }
    ours.print("tasks_10000", TASK_LATENCY);
    cell.print("tasks_10000_once_cell", TASK_LATENCY);

    let (mut many, mut one) = (Best::default(), Best::default());
    for _ in 0..PROCESS_ROUNDS {
        many.keep(processes(PROCESSES).await?);
        one.keep(processes(1).await?);
    }
    many.print("processes_64", PROCESS_LATENCY);
    one.print("processes_1", PROCESS_LATENCY);
    Ok(())
}

/// What one herd cost.
#[derive(Clone, Copy)]
struct Herd {
    requests: u64,
    wall: Duration,
}

#[derive(Default)]
struct Best(Option<Herd>);

impl Best {
    fn keep(&mut self, herd: Herd) {
        let best = self.0.unwrap_or(herd);
        self.0 = Some(Herd {
            requests: best.requests.max(herd.requests),
            wall: best.wall.min(herd.wall),
        });
    }

    fn print(&self, subject: &str, latency: Duration) {
        let Some(Herd { requests, wall }) = self.0 else {
            return;
        };
        let print = |value, unit| Measurement::new("herd", subject, value, unit).print();
        print(requests as f64, "token_requests");
        let ratio = wall.as_secs_f64() / latency.as_secs_f64();
        print(ratio, "wall_over_latency");
    }
}

/// 10,000 tasks on an empty manager.
async fn manager() -> Herd {
    let provider = SlowProvider::new(TASK_LATENCY, DAY);
    let manager = TokenManager::builder(provider.clone()).build();
    let wall = released(move || {
        let manager = manager.clone();
        async move { manager.get_token().await.is_ok() }
    });
    let wall = wall.await;
    let requests = provider.requests();
    Herd { requests, wall }
}

/// The same on the shared cell that tokio has, which neither refreshes nor expires.
async fn once_cell() -> Herd {
    let provider = SlowProvider::new(TASK_LATENCY, DAY);
    let cell = Arc::new(OnceCell::new());
    let source = provider.clone();
    let wall = released(move || {
        let (cell, source) = (Arc::clone(&cell), source.clone());
        async move {
            let text = cell.get_or_init(|| source.next_text()).await;
            !text.clone().is_empty()
        }
    });
    let wall = wall.await;
    let requests = provider.requests();
    Herd { requests, wall }
}

/// Spawns the tasks, lets them wait at a gate, and measures from its opening to the last end.
async fn released<F>(call: impl Fn() -> F) -> Duration
where
    F: Future<Output = bool> + Send + 'static,
{
    let gate = Arc::new(Semaphore::new(0));
    let arrived = Arc::new(Semaphore::new(0));
    let task = || {
        let (gate, arrived, call) = (Arc::clone(&gate), Arc::clone(&arrived), call());
        tokio::spawn(async move {
            arrived.add_permits(1);
            let passed = gate.acquire().await.is_ok();
            passed && call.await
        })
    };
    let tasks: Vec<_> = (0..TASKS).map(|_| task()).collect();
    let all_here = arrived.acquire_many(TASKS as u32).await;
    assert!(all_here.is_ok(), "nobody closes it");
    let start = Instant::now();
    gate.add_permits(TASKS);
    let served = join_all(tasks).await;
    let wall = start.elapsed();
    assert!(served.iter().all(|served| matches!(served, Ok(true))));
    wall
}

/// So many processes on an empty token file, each with one call to make.
async fn processes(count: usize) -> Result<Herd> {
    let sandbox = Sandbox::builder().start().await?;
    let latency = format!(
        "/user/obtain_token=latency:{}ms*always",
        PROCESS_LATENCY.as_millis()
    );
    sandbox.inject(latency.parse::<Fault>()?);
    let directory = tempfile::TempDir::new()?;
    let path = directory.path().join("token.json");
    let base_url = sandbox.base_url().to_owned();
    let herd = move || -> Result<Duration> {
        let start = |_| start_process(&base_url, &path);
        let mut processes = (0..count).map(start).collect::<Result<Vec<_>>>()?;
        processes.iter_mut().try_for_each(wait_until_ready)?;
        let start = Instant::now();
        release(processes)?;
        Ok(start.elapsed())
    };
    let wall = tokio::task::spawn_blocking(herd).await??;
    let requests = sandbox.count("POST", "/user/obtain_token") as u64;
    ensure!(
        sandbox.count("GET", "/assets") == count,
        "a call is missing"
    );
    Ok(Herd { requests, wall })
}

/// One of the processes: it says `ready`, waits for the end of its input, and calls.
#[expect(clippy::print_stdout, reason = "this is how it says that it is ready")]
async fn first_call(base_url: &str, file: &str) -> Result<()> {
    let store = FileStore::open(file, Binding::new(base_url, DEFAULT_USERNAME)?)?;
    let credentials = Credentials::new(DEFAULT_USERNAME, DEFAULT_PASSWORD);
    let client = ApiClient::builder()
        .base_url(base_url)
        .credentials(FixedCredentials::new(credentials))
        .store(store)
        .build()
        .await?;
    println!("ready");
    std::io::stdout().flush()?;
    std::io::stdin().read_to_end(&mut Vec::new())?;
    client.get_assets().await?;
    Ok(())
}

fn start_process(base_url: &str, path: &Path) -> Result<Child> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["process", base_url]).arg(path);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    Ok(command.spawn()?)
}

fn wait_until_ready(process: &mut Child) -> Result<()> {
    let stdout = process.stdout.take().context("its output is not piped")?;
    let mut line = String::new();
    BufReader::new(stdout).read_line(&mut line)?;
    ensure!(line == "ready\n", "a process did not start");
    Ok(())
}

/// The end of its input starts each of them; then all must succeed.
fn release(mut processes: Vec<Child>) -> Result<()> {
    for process in &mut processes {
        drop(process.stdin.take());
    }
    for mut process in processes {
        ensure!(process.wait()?.success(), "a process failed");
    }
    Ok(())
}
