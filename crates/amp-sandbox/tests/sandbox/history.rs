//! What happened to an asset.

use serde_json::{Value, json};

use crate::issuer::Issuer;

fn column<'a>(rows: &'a Value, name: &str) -> Vec<&'a Value> {
    rows.as_array()
        .unwrap()
        .iter()
        .map(|row| &row[name])
        .collect()
}

#[tokio::test]
async fn transactions_begin_with_the_issuance_and_name_what_they_spend() {
    let mut issuer = Issuer::new().await;
    let (ann, gaid) = issuer.distribute(250).await;
    let rows = issuer.get("/txs").await;
    assert_eq!(column(&rows, "is_issuance"), [true, false]);
    assert_eq!(column(&rows, "is_distribution"), [false, true]);
    let issuance = &rows[0];
    assert_eq!(issuance["inputs"], json!([]));
    assert_eq!(issuance["outputs"][0]["is_treasury"], true);
    assert_eq!(issuance["outputs"][0]["is_spent"], true);
    let payment = &rows[1];
    assert_eq!(payment["inputs"][0]["prev_txid"], issuance["txid"]);
    assert_eq!(payment["inputs"][0]["amount"], 1000);
    let outputs = &payment["outputs"];
    assert_eq!(column(outputs, "amount"), [250, 750]);
    assert_eq!(column(outputs, "GAID"), [&json!(gaid), &Value::Null]);
    assert_eq!(
        column(outputs, "registered_user"),
        [&json!(ann), &Value::Null]
    );
    let txid = payment["txid"].as_str().unwrap();
    assert_eq!(issuer.get(&format!("/txs/{txid}")).await, *payment);
    let unknown = issuer.path(&format!("/txs/{}", "ab".repeat(32)));
    assert_eq!(issuer.client.get(&unknown).await.status, 404);
}

#[tokio::test]
async fn what_the_service_does_not_know_has_blinders_of_zeros() {
    let mut issuer = Issuer::new().await;
    let (ann, _) = issuer.user().await;
    issuer.assign(ann, 250).await;
    let instructions = issuer.distribution().await;
    let report = issuer.node("send", &instructions).await;
    let change = |rows: &Value| rows[1]["outputs"][1]["asset_blinder"].clone();
    assert_eq!(change(&issuer.get("/txs").await), "0".repeat(64));
    issuer.confirm(&instructions, &report).await;
    let blinder = report["change_data"][0]["assetblinder"].clone();
    assert_eq!(change(&issuer.get("/txs").await), blinder);
}

#[tokio::test]
async fn activities_tell_each_step_and_no_change() {
    let mut issuer = Issuer::new().await;
    let (ann, _) = issuer.distribute(250).await;
    let burn = issuer
        .post("/burn-request", &json!({ "amount": 50 }))
        .await
        .json();
    issuer.node("burn", &burn).await;
    let rows = issuer.get("/activities").await;
    assert_eq!(column(&rows, "type"), ["issuance", "distribution", "burn"]);
    assert_eq!(column(&rows, "amount"), [1000, 250, 50]);
    assert_eq!(
        column(&rows, "registered user"),
        [&Value::Null, &json!(ann), &Value::Null]
    );
    let heights = column(&rows, "blockheight");
    let query = format!(
        "/activities?height_start={}&sortorder=desc&count=1",
        heights[1]
    );
    assert_eq!(issuer.get(&query).await, json!([rows[2]]));
    let by_amount = issuer.get("/activities?sortcolumn=amount&start=-1").await;
    assert_eq!(by_amount, json!([rows[0]]));
    let by_user = issuer
        .get("/activities?sortcolumn=registered+user&start=3")
        .await;
    assert_eq!(by_user, json!([rows[1]]));
    let wrong = issuer.path("/activities?count=many");
    let answer = issuer.client.get(&wrong).await;
    let expected = json!({ "count": ["A valid integer is required."] });
    assert_eq!((answer.status.as_u16(), answer.json()), (400, expected));
}

#[tokio::test]
async fn what_is_in_no_block_did_not_happen_yet() {
    let mut issuer = Issuer::new().await;
    let burn = json!({ "asset_id": issuer.asset_id, "amount": 0.000001, "confirmations": 0 });
    issuer.node("burn", &burn).await;
    assert_eq!(issuer.get("/txs").await.as_array().unwrap().len(), 1);
    assert_eq!(issuer.get("/summary").await["burned"], 0);
    let height = issuer.sandbox.mine(1);
    let rows = issuer.get("/txs").await;
    assert_eq!(rows[1]["blockheight"], height);
    assert_eq!(issuer.get("/summary").await["burned"], 100);
}
