//! The death of whoever renews, after its request was sent.

use std::path::Path;
use std::time::{Duration, Instant};

use integration_tests::renewable_token;
use integration_tests::rig::{ranks, report, size};
use integration_tests::stores::Kind;
use tempfile::TempDir;
use token_core::Clock;
use token_manager::SystemClock;
use token_store::{Change, Commit, Durability, Generation, OpId};

use crate::processes::Process;

// X-31, C-32, A-37: the successor logs in, because the refresh token may be spent.
#[test]
fn two_hundred_deaths_of_the_refresher_cost_one_login_each_and_replay_nothing() {
    let deaths = size(200, 1_000);
    let takeovers: Vec<_> = (0..deaths).map(|_| die("waits").unwrap()).collect();
    report(format_args!(
        "{deaths} deaths of the refresher: 1 login each, 0 replays; takeover {}",
        ranks(takeovers)
    ));
}

#[test]
fn a_refresher_that_does_not_look_at_the_lease_is_found() {
    let found = die("hurries").unwrap_err();
    report(format_args!("control without a lease: {found}"));
}

/// Kills a refresher whose request was sent and is not answered, while another one waits for its
/// lease; answers how long after that the other one asks the authority.
fn die(second: &str) -> Result<Duration, String> {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("token");
    put(&path);
    let path = path.to_str().unwrap();
    let program = env!("CARGO_BIN_EXE_refresher");
    let mut dying = Process::start(program, &[path, "hangs"]);
    let mut waiting = Process::start(program, &[path, second]);
    for process in [&mut dying, &mut waiting] {
        assert_eq!(process.hear(), "ready");
    }
    dying.begin();
    assert_eq!(dying.hear(), "refresh first");
    waiting.begin();
    let heard = waiting.hear();
    if heard != "held" {
        return Err(format!(
            "beside a living holder the other one says {heard:?}"
        ));
    }
    let died = Instant::now();
    dying.kill();
    let heard = waiting.hear();
    let takeover = died.elapsed();
    if heard != "login" {
        return Err(format!("after the death the other one says {heard:?}"));
    }
    let rest = waiting.end()?;
    match rest == ["renewed"] {
        true => Ok(takeover),
        false => Err(format!("after its login the other one says {rest:?}")),
    }
}

fn put(path: &Path) {
    let store = Kind::Encrypted.open(path, Durability::None, Duration::ZERO);
    let record = renewable_token(SystemClock::default().now().wall, "first");
    let commit = Commit::new(Generation::ZERO, Change::Put(record), OpId::new(1));
    store.unwrap().commit_now(commit).unwrap();
}
