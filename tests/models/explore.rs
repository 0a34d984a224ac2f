//! How the schedules of a model are gone through: by token-manager and by retry, whose `models.rs`
//! include this file and say what `planted` and `runtime` are.

mod few_preemptions;

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};

use shuttle::scheduler::{
    DfsScheduler, PctScheduler, RandomScheduler, Scheduler,
    UncontrolledNondeterminismCheckScheduler,
};
use shuttle::{Config, Runner};

use self::few_preemptions::FewPreemptions;
use super::planted::{self, Bug};
use super::runtime;

/// How many preemptions the search that leaves nothing out goes up to.
const PREEMPTIONS: usize = 3;

/// How many schedules each of the two random searches draws.
const DRAWN: usize = 100_000;

/// The seed of the random searches, so that each run takes the same schedules.
const SEED: u64 = 20_261_121;

/// The second random search finds a bug that needs this many events in one order with a known
/// probability (Burckhardt et al., ASPLOS 2010).
const DEPTH: usize = 3;

/// A schedule to run alone: what a model that failed has printed.
const REPLAY: &str = "MODEL_SCHEDULE";

/// Which schedules are run.
#[derive(Clone, Copy, Debug)]
pub(super) enum Search {
    /// Every one there is.
    Every,
    /// Where those are too many: every one with few preemptions, and those of `Drawn`.
    Few,
    /// 100,000 that are drawn step by step, and 100,000 by drawn priorities of the threads.
    Drawn,
}

/// Runs the model under every schedule of the search, and tells how many there were.
pub(super) fn holds(name: &str, search: Search, model: fn()) {
    if let Some(schedule) = std::env::var_os(REPLAY) {
        let schedule = schedule.to_str().expect("a schedule is hexadecimal");
        return shuttle::replay(move || whole(model), schedule);
    }
    let schedules = run(search, model);
    tell(format_args!("{name}: {schedules}"));
}

/// Plants a bug, and expects that the same search finds it.
pub(super) fn finds(name: &str, bug: Bug, search: Search, model: fn()) {
    let _planted = planted::plant(bug);
    let run = catch_unwind(AssertUnwindSafe(|| run(search, model)));
    assert!(run.is_err(), "{name}: {bug:?} was not found");
    tell(format_args!("{name}: found {bug:?}"));
}

/// Expects that nothing but the schedule decides what happens in the model, so that a schedule can
/// be run again.
pub(super) fn replays(model: fn()) {
    let drawn = RandomScheduler::new_from_seed(SEED, 1_000);
    run_with(UncontrolledNondeterminismCheckScheduler::new(drawn), model);
}

/// Says how many schedules there were.
fn run(search: Search, model: fn()) -> String {
    match search {
        Search::Every => {
            let every = run_with(DfsScheduler::new(None, false), model);
            format!("all {every} schedules")
        }
        Search::Few => {
            let few = run_with(FewPreemptions::new(PREEMPTIONS), model);
            let drawn = run(Search::Drawn, model);
            format!("all {few} schedules with up to {PREEMPTIONS} preemptions, {drawn}")
        }
        Search::Drawn => {
            let drawn = run_with(RandomScheduler::new_from_seed(SEED, DRAWN), model)
                + run_with(PctScheduler::new_from_seed(SEED, DEPTH, DRAWN), model);
            format!("{drawn} drawn schedules")
        }
    }
}

fn run_with(scheduler: impl Scheduler + 'static, model: fn()) -> usize {
    let mut config = Config::new();
    config.stack_size = 0x4_0000;
    config.silence_warnings = true;
    Runner::new(scheduler, config).run(move || whole(model))
}

fn whole(model: fn()) {
    runtime::reset();
    model();
}

/// Past the capture of the test harness: the number belongs to the result.
fn tell(line: std::fmt::Arguments<'_>) {
    let _ = writeln!(std::io::stdout(), "model {line}");
}
