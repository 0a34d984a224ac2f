//! The walk through people and accounts; that through assets is one of its steps.

use super::assets::{self, Holder};
use super::walk::Walk;
use crate::client::credentials;
use serde_json::json;

const FIRST: &str = "GAxampLeGaidxxxxxxxxxxxxxxxxx";
const SECOND: &str = "GA2zxWdhAYtREeYCVFTGRhHQmYMPAP";

/// Calls every operation. Ends with another password and the token that came with it.
pub(crate) async fn walk(walk: &mut Walk) {
    walk.call("getInfo", &[]).await;
    walk.call("getChangelog", &[]).await;
    walk.call_with("obtainToken", &[], &credentials()).await;
    walk.call("refreshToken", &[]).await;
    let assets = walk.call("listAssets", &[]).await;
    let asset = assets[0]["asset_uuid"].as_str().unwrap();
    users(walk).await;
    categories(walk, asset).await;
    gaids(walk, asset).await;
    let jane = Holder {
        user: 1,
        gaid: SECOND,
    };
    assets::walk(walk, &jane).await;
    walk.call("deleteRegisteredUser", &["2"]).await;
    managers(walk, asset).await;
    let new = json!({ "password": "another" });
    let changed = walk.call_with("changePassword", &[], &new).await;
    walk.use_token(changed["token"].as_str().unwrap());
}

/// Leaves user 1 with two GAIDs, and user 2 without any.
async fn users(walk: &mut Walk) {
    let jane = json!({ "name": "Jane Doe", "GAID": FIRST, "is_company": true });
    walk.call_with("addRegisteredUser", &[], &jane).await;
    let bob = json!({ "name": "Bob" });
    walk.call_with("addRegisteredUser", &[], &bob).await;
    walk.call("listRegisteredUsers", &[]).await;
    walk.call("getRegisteredUser", &["1"]).await;
    let name = json!({ "name": "Jane Roe" });
    walk.call_with("editRegisteredUser", &["1"], &name).await;
    let gaid = json!(SECOND);
    walk.call_with("addRegisteredUserGaid", &["1"], &gaid).await;
    walk.call_with("setDefaultRegisteredUserGaid", &["1"], &gaid)
        .await;
    walk.call("listRegisteredUserGaids", &["1"]).await;
}

/// Leaves category 1 without members.
async fn categories(walk: &mut Walk, asset: &str) {
    for name in ["Accredited", "Staff"] {
        let category = json!({ "name": name, "description": "Checked" });
        walk.call_with("addCategory", &[], &category).await;
    }
    let name = json!({ "name": "Investors" });
    walk.call_with("editCategory", &["1"], &name).await;
    let ids = json!({ "categories": [1, 2] });
    for id in [
        "addRegisteredUserCategories",
        "deleteRegisteredUserCategories",
    ] {
        walk.call_with(id, &["1"], &ids).await;
    }
    walk.call("categoryAddUser", &["1", "1"]).await;
    walk.call("categoryAddAsset", &["1", asset]).await;
    walk.call("getCategory", &["1"]).await;
    walk.call("listCategories", &[]).await;
    walk.call("categoryRemoveUser", &["1", "1"]).await;
    walk.call("categoryRemoveAsset", &["1", asset]).await;
    walk.call("deleteCategory", &["2"]).await;
}

async fn gaids(walk: &mut Walk, asset: &str) {
    walk.call("validateGaid", &[FIRST]).await;
    walk.call("validateGaid", &["GAshort"]).await;
    walk.call("getGaidAddress", &[FIRST]).await;
    walk.call("getGaidRegisteredUser", &[FIRST]).await;
    walk.call("getGaidBalance", &[FIRST]).await;
    walk.call("getGaidAssetBalance", &[FIRST, asset]).await;
}

/// Leaves manager 8 unlocked.
async fn managers(walk: &mut Walk, asset: &str) {
    let account = json!({ "username": "mary", "password": "first" });
    walk.call_with("createManager", &[], &account).await;
    walk.call("listManagers", &[]).await;
    walk.call("getManager", &["8"]).await;
    walk.call("lockManager", &["8"]).await;
    walk.call("unlockManager", &["8"]).await;
    walk.call("managerAddAsset", &["8", asset]).await;
    walk.call("managerRemoveAsset", &["8", asset]).await;
    walk.call("managerRemoveAssetPost", &["8", asset]).await;
    let new = json!({ "password": "second" });
    let changed = walk.call_with("changeManagerPassword", &["8"], &new).await;
    let issuers = walk.use_token(changed["token"].as_str().unwrap());
    walk.call("getCurrentManager", &[]).await;
    walk.use_token(&issuers);
}
