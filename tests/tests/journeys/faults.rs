//! A service that fails: what is sent again, and what never is.

use std::num::NonZeroU32;
use std::time::Duration;

use amp_api::IssueAsset;
use amp_client::{ApiClient, CircuitBreaker};
use amp_sandbox::Sandbox;

use super::{in_memory, in_memory_with};

/// Everything that can happen to one try of an issuance, with whether it took effect.
const FAULTS: [&str; 10] = [
    "POST /assets/issue=reset",
    "POST /assets/issue=reset-after",
    "POST /assets/issue=half-body",
    "POST /assets/issue=truncated-json",
    "POST /assets/issue=stall",
    "POST /assets/issue=stall-after",
    "POST /assets/issue=503",
    "POST /assets/issue=503-after",
    "POST /assets/issue=429:1",
    "POST /assets/issue=latency:90s",
];

fn asset(number: usize) -> IssueAsset {
    IssueAsset {
        name: format!("Asset number {number}"),
        amount: 1000,
        destination_address: "vjU8destination".to_owned(),
        domain: "issuer.example".to_owned(),
        ticker: "COIN".to_owned(),
        pubkey: format!("02{}", "ab".repeat(32)),
        ..IssueAsset::default()
    }
}

async fn issue_under(
    sandbox: &Sandbox,
    client: &ApiClient,
    number: usize,
    rng: &mut fastrand::Rng,
) {
    sandbox.clear_faults();
    for _ in 0..rng.usize(0..4) {
        let fault = FAULTS[rng.usize(..FAULTS.len())];
        sandbox.inject(fault.parse().unwrap());
    }
    if rng.bool() {
        sandbox.revoke_tokens();
    }
    // Some scripts end in a circuit that opens; the next call comes after that.
    tokio::time::advance(Duration::from_secs(31)).await;
    let before = sandbox.issued_count();
    let result = client.issue_asset(&asset(number)).await;
    let issued = sandbox.issued_count() - before;
    match result {
        Ok(_) => assert_eq!(issued, 1, "call {number}"),
        Err(error) if error.may_have_happened() => assert!(issued <= 1, "call {number}: {error}"),
        Err(error) => assert_eq!(issued, 0, "call {number}: {error}"),
    }
}

// W-A11, W-C13: the promise that matters most, over random fault scripts.
#[tokio::test(start_paused = true)]
async fn no_fault_script_issues_an_asset_twice() {
    // No circuit opens: the faults are to reach the service, one after the other.
    let breaker = CircuitBreaker::new(NonZeroU32::MAX, Duration::ZERO);
    let (sandbox, client) = in_memory_with(|client| client.circuit_breaker(breaker)).await;
    let mut rng = fastrand::Rng::with_seed(20_261_121);
    for number in 0..400 {
        issue_under(&sandbox, &client, number, &mut rng).await;
    }
    let sends = sandbox.count("POST", "/assets/issue");
    assert!(
        sandbox.issued_count() > 100,
        "the script must let most calls through"
    );
    assert!(sends > 400, "the script must cause repetitions: {sends}");
}

// W-A12: a call that changes nothing is repeated until it succeeds.
#[tokio::test(start_paused = true)]
async fn a_list_survives_failures_of_any_kind() {
    for fault in [
        "reset*2",
        "half-body*2",
        "503*2",
        "502*2",
        "429:1*2",
        "stall*1",
    ] {
        let (sandbox, client) = in_memory().await;
        sandbox.inject(format!("GET /assets={fault}").parse().unwrap());
        let listed = client.get_assets().await;
        assert!(listed.is_ok(), "{fault}: {listed:?}");
        let failures: usize = fault[fault.len() - 1..].parse().unwrap();
        assert_eq!(sandbox.count("GET", "/assets"), failures + 1, "{fault}");
    }
}
