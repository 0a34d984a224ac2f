//! The steps of the demo. Each answers what it has proven, or fails.

use std::time::{Duration, Instant, SystemTime};

use amp_client::{ApiClient, IssueAsset};
use amp_sandbox::Fault;
use anyhow::{Context as _, ensure};
use token_store::MemoryStore;
use tokio::task::JoinSet;

use super::stage::Stage;

/// How many calls the token serves in the second step.
const CALLS: usize = 100;

/// How many callers arrive at once.
const CALLERS: usize = 200;

/// How long the service takes for a renewal that nobody waits for.
const SLOW_REFRESH: &str = "GET /user/refresh-token=latency:500ms";

/// Four minutes before the end of a token of 24 hours, inside the window of five.
const UNTIL_STALE: Duration = Duration::from_secs(24 * 3600 - 240);

/// Longer than any wait of the demo.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) async fn log_in(stage: &Stage) -> anyhow::Result<String> {
    stage.client.get_token().await?;
    expect_requests(stage, &[("POST", "/user/obtain_token", Some(200))])?;
    ensure!(stage.token_file().exists(), "the token is not on disk");
    Ok("1 login; the token is on disk".to_owned())
}

pub(super) async fn call(stage: &Stage) -> anyhow::Result<String> {
    let began = Instant::now();
    for _ in 0..CALLS {
        stage.client.get_assets().await?;
    }
    let each = began.elapsed().as_secs_f64() * 1000.0 / CALLS as f64;
    expect_calls(stage, CALLS)?;
    expect_token_requests(stage, 0, 0)?;
    Ok(format!(
        "{CALLS} calls, {each:.1} ms each, no token request"
    ))
}

/// Nobody waits: the calls are answered while the renewal is still under way.
pub(super) async fn refresh_ahead(stage: &Stage) -> anyhow::Result<String> {
    let held = obtained_at(&stage.client).await?;
    stage.sandbox.inject(SLOW_REFRESH.parse::<Fault>()?);
    stage.clock.skip(UNTIL_STALE);
    let mut slowest = Duration::ZERO;
    for _ in 0..10 {
        let began = Instant::now();
        stage.client.get_assets().await?;
        slowest = slowest.max(began.elapsed());
    }
    let still = obtained_at(&stage.client).await?;
    ensure!(still == held, "the calls waited for the renewal");
    until_renewed(&stage.client, held).await?;
    expect_token_requests(stage, 0, 1)?;
    let slowest = slowest.as_millis();
    Ok(format!(
        "1 refresh of 500 ms; 10 calls meanwhile, the slowest took {slowest} ms"
    ))
}

pub(super) async fn obey_a_limit(stage: &Stage) -> anyhow::Result<String> {
    stage.sandbox.inject("GET /assets=429:1".parse::<Fault>()?);
    stage.client.get_assets().await?;
    expect_requests(
        stage,
        &[("GET", "/assets", Some(429)), ("GET", "/assets", Some(200))],
    )?;
    let requests = stage.sandbox.requests();
    let waited = requests[1].at().saturating_sub(requests[0].at());
    ensure!(
        waited >= Duration::from_secs(1),
        "came back after {waited:?}, asked for 1 s"
    );
    Ok(format!(
        "Retry-After 1 s, came back after {:.2} s",
        waited.as_secs_f64()
    ))
}

pub(super) async fn replace_a_revoked_token(stage: &Stage) -> anyhow::Result<String> {
    ensure!(
        stage.sandbox.revoke_tokens() > 0,
        "there was no token to revoke"
    );
    stage.client.get_assets().await?;
    let expected = [
        ("GET", "/assets", Some(401)),
        ("POST", "/user/obtain_token", Some(200)),
        ("GET", "/assets", Some(200)),
    ];
    expect_requests(stage, &expected)?;
    Ok("401, 1 login, the call replayed once; the caller saw success".to_owned())
}

pub(super) async fn share_one_login(stage: &Stage) -> anyhow::Result<String> {
    let client = stage.another_client(MemoryStore::new()).await?;
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        let client = client.clone();
        callers.spawn(async move { client.get_assets().await });
    }
    while let Some(called) = callers.join_next().await {
        called.context("a caller panicked")??;
    }
    client.close().await;
    expect_calls(stage, CALLERS)?;
    expect_token_requests(stage, 1, 0)?;
    Ok(format!("{CALLERS} answers, 1 login"))
}

/// The service acts and its answer is lost: sending again would issue a second asset.
pub(super) async fn never_pay_twice(stage: &Stage) -> anyhow::Result<String> {
    stage
        .sandbox
        .inject("POST /assets/issue=reset-after".parse::<Fault>()?);
    let issued_before = stage.sandbox.issued_count();
    let answer = stage.client.issue_asset(&demo_coin()).await;
    let error = answer.err().context("the answer was not lost")?;
    ensure!(
        error.may_have_happened(),
        "the error does not warn: {error}"
    );
    let sent = stage.sandbox.count("POST", "/assets/issue");
    ensure!(sent == 1, "the request was sent {sent} times");
    let issued = stage.sandbox.issued_count() - issued_before;
    ensure!(issued == 1, "{issued} assets were issued");
    Ok("sent once, issued once; the error says: may have happened".to_owned())
}

pub(super) async fn restart(stage: &Stage) -> anyhow::Result<String> {
    stage.client.close().await;
    let client = stage.another_client(stage.file_store()?).await?;
    client.get_assets().await?;
    client.close().await;
    expect_requests(stage, &[("GET", "/assets", Some(200))])?;
    Ok("a new client found the token on disk, 0 logins".to_owned())
}

async fn obtained_at(client: &ApiClient) -> anyhow::Result<SystemTime> {
    let info = client.get_token_info().await.context("no token is held")?;
    Ok(info.obtained_at)
}

async fn until_renewed(client: &ApiClient, held: SystemTime) -> anyhow::Result<()> {
    let renewed = async {
        while obtained_at(client).await? == held {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Ok(())
    };
    tokio::time::timeout(PATIENCE, renewed)
        .await
        .context("the token was not renewed")?
}

/// Exactly these requests, in this order.
fn expect_requests(stage: &Stage, expected: &[(&str, &str, Option<u16>)]) -> anyhow::Result<()> {
    let requests = stage.sandbox.requests();
    let seen: Vec<_> = requests
        .iter()
        .map(|request| (request.method(), request.path(), request.status()))
        .collect();
    ensure!(
        seen == expected,
        "the service saw {seen:?}, not {expected:?}"
    );
    Ok(())
}

fn expect_calls(stage: &Stage, expected: usize) -> anyhow::Result<()> {
    let seen = stage.sandbox.count("GET", "/assets");
    ensure!(
        seen == expected,
        "the service saw {seen} calls, not {expected}"
    );
    Ok(())
}

fn expect_token_requests(stage: &Stage, logins: usize, refreshes: usize) -> anyhow::Result<()> {
    let sandbox = &stage.sandbox;
    let seen = (
        sandbox.count("POST", "/user/obtain_token"),
        sandbox.count("GET", "/user/refresh-token"),
    );
    let expected = (logins, refreshes);
    ensure!(
        seen == expected,
        "logins and refreshes were {seen:?}, not {expected:?}"
    );
    Ok(())
}

fn demo_coin() -> IssueAsset {
    IssueAsset {
        name: "Demo coin".to_owned(),
        amount: 1000,
        destination_address: "vjU8demo".to_owned(),
        domain: "demo.example".to_owned(),
        ticker: "DEMO".to_owned(),
        pubkey: format!("02{}", "ab".repeat(32)),
        ..IssueAsset::default()
    }
}
