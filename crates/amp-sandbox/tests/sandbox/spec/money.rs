//! The half of the walk that is about assets and what becomes of their units. Registered user 1 has a wallet.

use serde_json::{Value, json};

use super::walk::Walk;
use crate::client::issuance;

/// Leaves no asset but those that were there.
pub(crate) async fn walk(walk: &mut Walk) {
    let mut request = issuance();
    request["is_reissuable"] = json!(true);
    request["reissuance_address"] = json!("vjU8reissuance");
    let issued = walk.call_with("issueAsset", &[], &request).await;
    let asset = text(&issued["asset_uuid"]);
    the_asset_itself(walk, asset).await;
    assignments(walk, asset).await;
    distribution(walk, asset).await;
    holdings(walk, asset).await;
    supply(walk, asset).await;
    history(walk, asset).await;
    let sent = walk
        .call_with("broadcastTransaction", &[], &json!("0200ab"))
        .await;
    walk.call("getBroadcastStatus", &[text(&sent["txid"])])
        .await;
    walk.call("deleteAsset", &[asset]).await;
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

/// Leaves it registered, authorized and unlocked.
async fn the_asset_itself(walk: &mut Walk, asset: &str) {
    walk.call("listAssets", &[]).await;
    walk.call("getAsset", &[asset]).await;
    let endpoint = json!({ "issuer_authorization_endpoint": "https://issuer.example" });
    walk.call_with("editAsset", &[asset], &endpoint).await;
    for id in [
        "registerAsset",
        "registerAssetAuthorized",
        "lockAsset",
        "unlockAsset",
    ] {
        walk.call(id, &[asset]).await;
    }
    walk.call_with("setAssetMemo", &[asset], &json!("A memo"))
        .await;
    walk.call("getAssetMemo", &[asset]).await;
    let addresses = json!(["vjU8another"]);
    for id in ["addTreasuryAddresses", "deleteTreasuryAddresses"] {
        walk.call_with(id, &[asset], &addresses).await;
    }
    walk.call("listTreasuryAddresses", &[asset]).await;
}

/// Leaves assignment 1, which is ready.
async fn assignments(walk: &mut Walk, asset: &str) {
    for _ in 0..2 {
        let assignment = json!({
            "registered_user": 1,
            "amount": 250,
            "vesting_timestamp": 1_767_225_600,
            "ready_for_distribution": true,
        });
        let body = json!({ "assignments": [assignment] });
        walk.call_with("createAssignment", &[asset], &body).await;
    }
    walk.call("deleteAssignment", &[asset, "2"]).await;
    walk.call("listAssignments", &[asset, "?distributed=false"])
        .await;
    for id in ["getAssignment", "lockAssignment", "unlockAssignment"] {
        walk.call(id, &[asset, "1"]).await;
    }
}

async fn distribution(walk: &mut Walk, asset: &str) {
    let first = walk.call("createDistribution", &[asset]).await;
    let uuid = text(&first["distribution_uuid"]);
    walk.call("cancelDistribution", &[asset, uuid]).await;
    let second = walk.call("createDistribution", &[asset]).await;
    let uuid = text(&second["distribution_uuid"]);
    let report = walk.node("send", &second).await;
    walk.call_with("confirmDistribution", &[asset, uuid], &report)
        .await;
    walk.call("getDistribution", &[asset, uuid]).await;
    walk.call("listDistributions", &[asset]).await;
}

async fn holdings(walk: &mut Walk, asset: &str) {
    for id in [
        "listAssetOwnerships",
        "getAssetBalance",
        "getAssetSummary",
        "getAssetLostOutputs",
    ] {
        walk.call(id, &[asset]).await;
    }
    walk.call("listAssetOwnershipsAtPath", &[asset, "2000003"])
        .await;
    let utxos = walk.call("listAssetUtxos", &[asset]).await;
    let outpoint = json!([{ "txid": utxos[0]["txid"], "vout": utxos[0]["vout"] }]);
    for id in ["blacklistAssetUtxos", "whitelistAssetUtxos"] {
        walk.call_with(id, &[asset], &outpoint).await;
    }
}

async fn supply(walk: &mut Walk, asset: &str) {
    let body = json!({ "amount_to_reissue": 500 });
    let instructions = walk.call_with("requestReissue", &[asset], &body).await;
    let report = walk.node("reissue", &instructions).await;
    walk.call("getAssetLostOutputs", &[asset]).await;
    walk.call_with("confirmReissue", &[asset], &report).await;
    walk.call("listAssetReissuances", &[asset]).await;
    let body = json!({ "amount": 100 });
    let instructions = walk.call_with("requestBurn", &[asset], &body).await;
    let report = walk.node("burn", &instructions).await;
    let change = &report["change_data"][0];
    let blinders = json!({
        "txid": change["txid"],
        "vout": change["vout"],
        "asset_blinder": change["assetblinder"],
        "amount_blinder": change["amountblinder"],
    });
    walk.call_with("updateAssetBlinders", &[asset], &blinders)
        .await;
    walk.call_with("confirmBurn", &[asset], &report).await;
}

async fn history(walk: &mut Walk, asset: &str) {
    walk.call("listAssetActivities", &[asset]).await;
    let transactions = walk.call("listAssetTransactions", &[asset]).await;
    let txid = text(&transactions[1]["txid"]);
    walk.call("getAssetTransaction", &[asset, txid]).await;
}
