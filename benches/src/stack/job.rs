//! What is measured of a client.

use std::fmt;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use futures_util::future::try_join_all;
use tokio::runtime::Runtime;

use super::{Client, layers};
use crate::Measurement;

/// Requests that are not measured: they open the connections and fill the caches.
const WARM_UP: u64 = 50;

/// Requests of which the allocations are counted.
const COUNTED: u64 = 1_000;

/// How many callers there are at once, and how many requests they make together.
const CALLERS: [(u64, u64); 3] = [(1, 8_000), (16, 32_000), (128, 32_000)];

/// What to do with a client. Everything runs on one thread, so that the server has a core of its
/// own.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Job {
    /// Measure throughput, latency and processor time.
    Time,
    /// Only ask so many times, for who counts instructions.
    Repeat(u64),
    /// Count allocations, by a function that runs a work and returns how many it made.
    Allocations(fn(&mut dyn FnMut()) -> u64),
}

/// A job for one client.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Order {
    /// The name of the client.
    pub client: String,
    /// Where the server is: `http://127.0.0.1:1234`.
    pub address: String,
    /// What to do.
    pub job: Job,
}

impl Order {
    /// The order `CLIENT ADDRESS [TIMES]`.
    ///
    /// # Errors
    ///
    /// When one is missing.
    pub fn read(arguments: impl IntoIterator<Item = String>) -> Result<Self> {
        let mut arguments = arguments.into_iter();
        Ok(Self {
            client: arguments.next().context("which client?")?,
            address: arguments.next().context("at which address?")?,
            job: match arguments.next() {
                Some(times) => Job::Repeat(times.parse()?),
                None => Job::Time,
            },
        })
    }

    /// The same client with another job.
    #[must_use]
    pub fn with_job(self, job: Job) -> Self {
        Self { job, ..self }
    }

    /// Does the job with this client.
    ///
    /// # Errors
    ///
    /// When a request fails.
    pub fn run(&self, runtime: &Runtime, mut client: impl Client) -> Result<()> {
        match self.job {
            Job::Time => self.time(runtime, client),
            Job::Repeat(times) => runtime.block_on(ask(&mut client, times)),
            Job::Allocations(count) => {
                runtime.block_on(ask(&mut client, WARM_UP))?;
                let mut asked = Ok(());
                let made = count(&mut || asked = runtime.block_on(ask(&mut client, COUNTED)));
                asked?;
                self.print(made as f64 / COUNTED as f64, "allocations");
                Ok(())
            }
        }
    }

    fn time(&self, runtime: &Runtime, client: impl Client) -> Result<()> {
        for (callers, requests) in CALLERS {
            let all = async {
                let another = (0..callers).map(|_| client.another());
                try_join_all(another).await
            };
            let seen = runtime.block_on(async { measure(all.await?, requests / callers).await })?;
            let micros = |latency: Duration| latency.as_secs_f64() * 1e6;
            let print = |value, unit: &str| self.print(value, &format!("{unit}_c{callers}"));
            print(requests as f64 / seen.wall.as_secs_f64(), "rps");
            print(micros(seen.percentile(50)), "p50_us");
            print(micros(seen.percentile(99)), "p99_us");
            print(micros(seen.processor) / requests as f64, "cpu_us");
        }
        Ok(())
    }

    fn print(&self, value: f64, unit: &str) {
        let is_layer = layers::NAMES.contains(&self.client.as_str());
        let bench = if is_layer { "layers" } else { "stack" };
        Measurement::new(bench, &self.client, value, unit).print();
    }
}

impl fmt::Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Time => "Time",
            Self::Repeat(_) => "Repeat",
            Self::Allocations(_) => "Allocations",
        })
    }
}

/// What the callers saw.
struct Seen {
    wall: Duration,
    processor: Duration,
    /// Of each request, in order of length.
    latencies: Vec<Duration>,
}

impl Seen {
    fn percentile(&self, percent: usize) -> Duration {
        let index = (self.latencies.len() * percent / 100).min(self.latencies.len() - 1);
        self.latencies[index]
    }
}

/// Lets each caller ask so many times, all at the same time.
async fn measure<C: Client>(mut callers: Vec<C>, times: u64) -> Result<Seen> {
    try_join_all(callers.iter_mut().map(|caller| ask(caller, WARM_UP))).await?;
    let spawned = callers.into_iter().map(|caller| asking(caller, times));
    let (start, processor) = (Instant::now(), processor_time());
    let callers: Vec<_> = spawned.map(tokio::spawn).collect();
    let mut latencies = Vec::new();
    for caller in callers {
        latencies.extend(caller.await??);
    }
    let (wall, processor) = (start.elapsed(), processor_time() - processor);
    latencies.sort_unstable();
    ensure!(!latencies.is_empty(), "nobody asked");
    Ok(Seen {
        wall,
        processor,
        latencies,
    })
}

async fn asking(mut client: impl Client, times: u64) -> Result<Vec<Duration>> {
    let mut latencies = Vec::with_capacity(usize::try_from(times)?);
    for _ in 0..times {
        let start = Instant::now();
        ask(&mut client, 1).await?;
        latencies.push(start.elapsed());
    }
    Ok(latencies)
}

async fn ask(client: &mut impl Client, times: u64) -> Result<()> {
    for _ in 0..times {
        let assets = client.get().await?;
        ensure!(assets.len() == 1, "another answer than the server's");
    }
    Ok(())
}

/// The processor time of this process, in user space and in the kernel.
fn processor_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(
        time.tv_sec.cast_unsigned(),
        u32::try_from(time.tv_nsec).unwrap_or_default(),
    )
}
