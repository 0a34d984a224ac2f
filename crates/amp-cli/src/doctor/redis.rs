//! The store on Redis: whether it answers, lets us do what a renewal does, and knows the time.

use std::time::Duration;

use token_core::Clock as _;
use token_manager::SystemClock;
use token_store::{
    ChosenStore, LeaseAttempt, RedisUrl, StoreError, StoreErrorKind, TokenStore as _,
};

use super::network::compare;
use super::report::{Area, Report};
use super::storage::{advice, key, token};
use crate::error::with_causes;
use crate::place::describe;

/// How long the lease is ours if this command dies.
const TTL: Duration = Duration::from_secs(1);

pub(super) async fn examine(kept: &ChosenStore, url: &RedisUrl, report: &mut Report) {
    let how = match url.is_tls() {
        true => "with TLS",
        false => "on this host, without TLS",
    };
    report.ok("store", format_args!("{}, {how}", describe(kept)));
    if let Some(source) = kept.key_source() {
        key(source, report);
    }
    match kept.store().load().await {
        Ok(loaded) => token(loaded.record.as_ref(), report),
        Err(error) => return refused("token", &error, report),
    }
    lease(kept, report).await;
    clock(kept, report).await;
}

/// All hosts judge the end of a token that one of them stored, so their clocks must agree.
async fn clock(kept: &ChosenStore, report: &mut Report) {
    let check = "redis clock";
    match kept.server_time().await {
        Ok(Some(theirs)) => {
            let ours = SystemClock::default().now().wall;
            compare(check, "the Redis server", theirs, ours, report);
        }
        Ok(None) => {}
        Err(error) => refused(check, &error, report),
    }
}

/// Only who takes the lease learns whether the server lets us.
async fn lease(kept: &ChosenStore, report: &mut Report) {
    match kept.store().try_lease(TTL).await {
        LeaseAttempt::Acquired(lease) => match lease.release().await {
            Ok(()) => report.ok("lease", "nobody holds it"),
            Err(error) => refused("lease", &error, report),
        },
        LeaseAttempt::Held(_) => report.ok("lease", "somebody is renewing the token"),
        LeaseAttempt::Unavailable(error) => refused("lease", &error, report),
    }
}

fn refused(check: &'static str, error: &StoreError, report: &mut Report) {
    let fix = match error.kind() {
        StoreErrorKind::Unavailable => {
            "see that the server runs, that the address leads there, and that TOKEN_STORE_CA_FILE \
             has who vouches for its certificate"
        }
        StoreErrorKind::Denied => {
            "see user and password in AMP_TOKEN_STORE, and compare the ACL on the server with the \
             one in docs/operations.md"
        }
        StoreErrorKind::NoSpace => "raise maxmemory on the server",
        StoreErrorKind::WrongKey => "give this host the key of the others: TOKEN_STORE_KEY_FILE",
        StoreErrorKind::Tampered | StoreErrorKind::Truncated | StoreErrorKind::Foreign => {
            "see who writes there; delete the key that ends in :tok, then log in again"
        }
        kind => advice(kind),
    };
    report.problem(Area::Storage, check, with_causes(error), fix);
}
