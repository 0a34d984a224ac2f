//! Many managers on one server.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use token_core::ManualClock;
use token_manager::{ScriptedProvider, TokenManager};
use token_store::{Generation, RedisStore, TokenStore};

use crate::contract::{binding, keys};
use crate::server::RedisServer;

const HOSTS: usize = 40;
const CLIENTS_PER_HOST: usize = 25;

/// One connection for each host, with patience for a busy machine.
fn hosts(server: &RedisServer) -> Vec<RedisStore> {
    let keys = keys();
    let open = || {
        let builder = RedisStore::builder(server.url(), binding(), Arc::clone(&keys));
        let patient = builder.response_timeout(Duration::from_secs(9));
        patient
            .connect_timeout(Duration::from_secs(9))
            .open()
            .unwrap()
    };
    (0..HOSTS).map(|_| open()).collect()
}

fn clients(
    hosts: &[RedisStore],
    provider: &ScriptedProvider,
    clock: &Arc<ManualClock>,
) -> Vec<TokenManager> {
    let host = |number: usize| hosts[number % HOSTS].clone();
    (0..HOSTS * CLIENTS_PER_HOST)
        .map(|number| {
            let builder = TokenManager::builder(provider.clone()).clock(Arc::clone(clock));
            builder.seed(number as u64).store(host(number)).build()
        })
        .collect()
}

// A-37, C-32, W-A19
#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_clients_log_in_once_and_refresh_once() {
    let server = RedisServer::start();
    let provider = ScriptedProvider::with_latency(Duration::from_millis(50));
    let clock = Arc::new(ManualClock::default());
    let hosts = hosts(&server);

    let fleet = clients(&hosts, &provider, &clock);
    let first = join_all(fleet.iter().map(TokenManager::get_token)).await;
    let tokens: Vec<_> = first.into_iter().map(Result::unwrap).collect();
    assert!(tokens.iter().all(|token| *token == tokens[0]));
    assert_eq!((provider.obtains(), provider.refreshes()), (1, 0));

    // In its last minutes: everybody is served at once, and one of them refreshes.
    clock.advance(Duration::from_secs(86_400 - 120));
    let served = join_all(fleet.iter().map(TokenManager::get_token)).await;
    assert!(served.iter().all(Result::is_ok), "{served:?}");
    join_all(fleet.iter().map(TokenManager::close)).await;
    assert_eq!((provider.obtains(), provider.refreshes()), (1, 1));
    let stored = hosts[0].load().await.unwrap();
    assert_eq!(stored.generation, Generation::new(2));
}
