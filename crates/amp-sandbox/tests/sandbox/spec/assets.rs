//! The half of the walk that is about assets and what becomes of them.

use super::walk::Walk;
use crate::client::issuance;
use serde_json::{Value, json};

/// A registered user with a default GAID, and that GAID.
pub(crate) struct Holder {
    pub(crate) user: i64,
    pub(crate) gaid: &'static str,
}

/// Issues an asset, distributes some of it, changes how much there is of it and looks at it from all sides.
pub(crate) async fn walk(walk: &mut Walk, holder: &Holder) {
    let uuid = issue(walk).await;
    let asset = uuid.as_str();
    properties(walk, asset).await;
    treasury(walk, asset).await;
    assignments(walk, asset, holder).await;
    distributions(walk, asset).await;
    supply(walk, asset).await;
    looks(walk, asset, holder).await;
    broadcast(walk).await;
    walk.call("deleteAsset", &[asset]).await;
}

async fn issue(walk: &mut Walk) -> String {
    let mut request = issuance();
    request["is_reissuable"] = json!(true);
    request["reissuance_amount"] = json!(2);
    request["reissuance_address"] = json!("vjU8reissuance");
    let issued = walk.call_with("issueAsset", &[], &request).await;
    issued["asset_uuid"].as_str().unwrap().to_owned()
}

async fn properties(walk: &mut Walk, asset: &str) {
    walk.call("getAsset", &[asset]).await;
    let endpoint = json!({ "issuer_authorization_endpoint": "https://sandbox.example/authorize" });
    walk.call_with("editAsset", &[asset], &endpoint).await;
    for id in [
        "registerAsset",
        "registerAssetAuthorized",
        "lockAsset",
        "unlockAsset",
    ] {
        walk.call(id, &[asset]).await;
    }
    let memo = json!("For friends of the sandbox");
    walk.call_with("setAssetMemo", &[asset], &memo).await;
    walk.call("getAssetMemo", &[asset]).await;
}

async fn treasury(walk: &mut Walk, asset: &str) {
    let addresses = json!(["vjU8another"]);
    walk.call_with("addTreasuryAddresses", &[asset], &addresses)
        .await;
    walk.call("listTreasuryAddresses", &[asset]).await;
    walk.call_with("deleteTreasuryAddresses", &[asset], &addresses)
        .await;
}

/// Leaves one assignment that is ready.
async fn assignments(walk: &mut Walk, asset: &str, holder: &Holder) {
    let body = json!({ "assignments": [{
        "registered_user": holder.user,
        "amount": 250,
        "vesting_timestamp": 1,
        "ready_for_distribution": true,
    }] });
    for _ in 0..2 {
        walk.call_with("createAssignment", &[asset], &body).await;
    }
    let all = walk.call("listAssignments", &[asset]).await;
    let [first, second] = [&all[0]["id"], &all[1]["id"]].map(Value::to_string);
    walk.call("getAssignment", &[asset, &first]).await;
    walk.call("lockAssignment", &[asset, &first]).await;
    walk.call("unlockAssignment", &[asset, &first]).await;
    walk.call("deleteAssignment", &[asset, &second]).await;
}

async fn distributions(walk: &mut Walk, asset: &str) {
    let cancelled = walk.call("createDistribution", &[asset]).await;
    let uuid = cancelled["distribution_uuid"].as_str().unwrap();
    walk.call("cancelDistribution", &[asset, uuid]).await;
    let orders = walk.call("createDistribution", &[asset]).await;
    let uuid = orders["distribution_uuid"].as_str().unwrap();
    let report = walk.node("send", &orders).await;
    walk.call("getAssetLostOutputs", &[asset]).await;
    walk.call_with("confirmDistribution", &[asset, uuid], &report)
        .await;
    walk.call("getDistribution", &[asset, uuid]).await;
    walk.call("listDistributions", &[asset]).await;
}

/// Reissues, then burns; what the burn leaves is lost until its blinders are told.
async fn supply(walk: &mut Walk, asset: &str) {
    let more = json!({ "amount_to_reissue": 100 });
    let orders = walk.call_with("requestReissue", &[asset], &more).await;
    let report = walk.node("reissue", &orders).await;
    walk.call_with("confirmReissue", &[asset], &report).await;
    walk.call("listAssetReissuances", &[asset]).await;
    let less = json!({ "amount": 10 });
    let orders = walk.call_with("requestBurn", &[asset], &less).await;
    let report = walk.node("burn", &orders).await;
    walk.call("getAssetBalance", &[asset]).await;
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

async fn looks(walk: &mut Walk, asset: &str, holder: &Holder) {
    for id in ["getAssetBalance", "getAssetSummary", "listAssetActivities"] {
        walk.call(id, &[asset]).await;
    }
    walk.call("listAssetOwnerships", &[asset]).await;
    walk.call("listAssetOwnershipsAtPath", &[asset, "1"]).await;
    let utxos = walk.call("listAssetUtxos", &[asset]).await;
    let outpoints = json!([{ "txid": utxos[0]["txid"], "vout": utxos[0]["vout"] }]);
    walk.call_with("blacklistAssetUtxos", &[asset], &outpoints)
        .await;
    walk.call_with("whitelistAssetUtxos", &[asset], &outpoints)
        .await;
    let transactions = walk.call("listAssetTransactions", &[asset]).await;
    let txid = transactions[0]["txid"].as_str().unwrap();
    walk.call("getAssetTransaction", &[asset, txid]).await;
    walk.call("getRegisteredUserSummary", &[&holder.user.to_string()])
        .await;
    walk.call("getGaidAssetBalance", &[holder.gaid, asset])
        .await;
}

async fn broadcast(walk: &mut Walk) {
    let sent = walk
        .call_with("broadcastTransaction", &[], &json!("0200000001"))
        .await;
    let txid = sent["txid"].as_str().unwrap();
    walk.call("getBroadcastStatus", &[txid]).await;
}
