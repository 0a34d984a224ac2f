//! A service that fails: what is sent again, and what never is.

use amp_api::IssueAsset;
use amp_client::ApiClient;
use amp_sandbox::Sandbox;

use super::in_memory;

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
    serde_json::from_value(serde_json::json!({
        "name": format!("Asset {number}"),
        "amount": 1000,
        "destination_address": "vjU2i2EM2viGEzSywpStMPkTX9U9QSDsLSN63kJJYVpxKJZuxaph",
        "domain": "example.com",
        "ticker": format!("T{number}"),
        "precision": 2,
        "pubkey": "02fd1d9cf80a1e5e0b1bbc2a6f5b1f7d9c9d8e7f6a5b4c3d2e1f0a9b8c7d6e5f4a",
        "is_confidential": true,
        "is_reissuable": false,
        "reissuance_amount": 0,
        "reissuance_address": "",
        "transfer_restricted": true,
    }))
    .unwrap()
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
    let (sandbox, client) = in_memory().await;
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
async fn a_list_survives_two_failures_of_any_kind() {
    for fault in ["reset", "half-body", "503", "502", "429:1", "stall"] {
        let (sandbox, client) = in_memory().await;
        let fault = format!("GET /assets={fault}*2");
        sandbox.inject(fault.parse().unwrap());
        let listed = client.get_assets().await;
        assert!(listed.is_ok(), "{fault}: {listed:?}");
        assert_eq!(sandbox.count("GET", "/assets"), 3, "{fault}");
    }
}
