//! Making more of an asset, and less.

use serde_json::{Value, json};

use crate::client::issuance;
use crate::issuer::{Issuer, refusal};

#[tokio::test]
async fn a_reissuance_is_asked_for_made_and_reported() {
    let mut issuer = Issuer::new().await;
    let body = json!({ "amount_to_reissue": 500 });
    let instructions = issuer.post("/reissue-request", &body).await.json();
    assert_eq!(instructions["command"], "reissue");
    assert_eq!(instructions["amount"].to_string(), "5e-6");
    assert_eq!(instructions["reissuance_utxos"][0]["vout"], 1);
    let report = issuer.node("reissue", &instructions).await;
    let txid = &report["reissuance_output"]["txid"];
    let lost = json!({
        "lost_outputs": [{ "txid": txid, "vout": 0 }],
        "reissuance_lost_outputs": [{ "txid": txid, "vout": 1 }],
    });
    assert_eq!(issuer.get("/lost-outputs").await, lost);
    assert_eq!(issuer.get("/reissuances").await, json!([]));

    let first = issuer.post("/reissue-confirm", &report).await;
    let ledger = issuer.ledger();
    let again = issuer.post("/reissue-confirm", &report).await;
    let expected = json!({ "txid": txid, "vin": 0, "reissuance_amount": 500 });
    assert_eq!((first.status.as_u16(), first.json()), (200, expected));
    assert_eq!(again.json(), first.json());
    assert_eq!(issuer.ledger(), ledger);
    assert_eq!(
        (ledger.reissued(), ledger.treasury(), ledger.lost()),
        (500, 1500, 0)
    );
    let rows = issuer.get("/reissuances").await;
    assert_eq!(rows.as_array().unwrap().len(), 1, "{rows}");
    assert_eq!(rows[0]["reissuance_amount"], 500);
    assert_eq!(issuer.get("/summary").await["reissued"], 500);
}

#[tokio::test]
async fn a_burn_is_asked_for_made_and_reported() {
    let mut issuer = Issuer::new().await;
    let instructions = issuer
        .post("/burn-request", &json!({ "amount": 400 }))
        .await;
    let instructions = instructions.json();
    assert_eq!(instructions["command"], "burn");
    assert_eq!(instructions["amount"].to_string(), "4e-6");
    assert_eq!(instructions["utxos"][0]["vout"], 0);
    let report = issuer.node("burn", &instructions).await;
    assert_eq!(
        (issuer.ledger().burned(), issuer.ledger().lost()),
        (400, 600)
    );
    for _ in 0..2 {
        let answer = issuer.post("/burn-confirm", &report).await;
        assert_eq!((answer.status.as_u16(), answer.body.len()), (200, 0));
        let ledger = issuer.ledger();
        assert_eq!(
            (ledger.burned(), ledger.treasury(), ledger.lost()),
            (400, 600, 0)
        );
    }
    assert_eq!(issuer.get("/summary").await["burned"], 400);
}

#[tokio::test]
async fn a_report_of_another_kind_of_transaction_is_refused() {
    let mut issuer = Issuer::new().await;
    let asset_id = issuer.asset_id.clone();
    let order = json!({ "asset_id": asset_id, "amount": "0.000001" });
    let burn = issuer.node("burn", &order).await;
    let reissuance = issuer.node("reissue", &order).await;
    let burn_txid = &burn["tx_data"]["txid"];
    let mut as_reissuance = reissuance.clone();
    as_reissuance["reissuance_output"]["txid"] = burn_txid.clone();
    let text = "There is no such transaction of this asset.";
    let answer = issuer.post("/reissue-confirm", &as_reissuance).await;
    assert_eq!(refusal(&answer), text);
    let mut as_burn = burn.clone();
    as_burn["tx_data"]["txid"] = reissuance["reissuance_output"]["txid"].clone();
    assert_eq!(refusal(&issuer.post("/burn-confirm", &as_burn).await), text);
    let empty = issuer.post("/reissue-confirm", &json!({})).await.json();
    let required = "This field is required.";
    let expected = json!({
        "details": [required],
        "listissuances": [required],
        "reissuance_output": [required],
    });
    assert_eq!(empty, expected);
}

#[tokio::test]
async fn only_a_reissuable_asset_is_reissued_and_only_up_to_21_million_coins() {
    let mut issuer = Issuer::new().await;
    let most = 2_100_000_000_000_000_i64;
    let ask = |amount: i64| json!({ "amount_to_reissue": amount });
    let answer = issuer.post("/reissue-request", &ask(most - 999)).await;
    assert_eq!(answer.status, 400, "{answer:?}");
    let answer = issuer.post("/reissue-request", &ask(most - 1000)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let text = std::str::from_utf8(&answer.body).unwrap();
    assert!(text.contains("\"amount\":20999999.99999,"), "{text}");
    let other = issuer
        .client
        .post("/assets/issue", &issuance())
        .await
        .json();
    let path = format!(
        "/assets/{}/reissue-request",
        other["asset_uuid"].as_str().unwrap()
    );
    let refused = issuer.client.post(&path, &ask(1)).await;
    assert_eq!(refusal(&refused), "The asset is not reissuable.");
    let order = json!({ "asset_id": other["asset_id"], "amount": 1 });
    assert_eq!(issuer.try_node("reissue", &order).await.status, 400);
}

#[tokio::test]
async fn nothing_is_burned_that_is_assigned_and_nothing_of_a_locked_asset() {
    let mut issuer = Issuer::new().await;
    let (ann, _) = issuer.user().await;
    issuer.assign(ann, 900).await;
    let refused = issuer
        .post("/burn-request", &json!({ "amount": 101 }))
        .await;
    assert_eq!(
        refusal(&refused),
        "There is not enough in the treasury balance."
    );
    issuer.put("/lock").await;
    let locked = issuer.post("/burn-request", &json!({ "amount": 1 })).await;
    assert_eq!(refusal(&locked), "The asset is locked.");
    let locked = issuer
        .post("/reissue-request", &json!({ "amount_to_reissue": 1 }))
        .await;
    assert_eq!(refusal(&locked), "The asset is locked.");
}

#[tokio::test]
async fn the_right_blinders_find_a_lost_output_again() {
    let mut issuer = Issuer::new().await;
    let order = json!({ "asset_id": issuer.asset_id, "amount": 0.000004 });
    let report = issuer.node("burn", &order).await;
    let change = &report["change_data"][0];
    let body = json!({
        "txid": change["txid"],
        "vout": change["vout"],
        "asset_blinder": change["assetblinder"],
        "amount_blinder": change["amountblinder"],
    });
    let mut wrong = body.clone();
    wrong["amount_blinder"] = json!("0".repeat(64));
    let refused = issuer.post("/update-blinders", &wrong).await;
    assert_eq!(refusal(&refused), "The blinders do not open the output.");
    assert_eq!(issuer.ledger().lost(), 600);
    assert_eq!(issuer.post("/update-blinders", &body).await.status, 200);
    assert_eq!(
        (issuer.ledger().treasury(), issuer.ledger().lost()),
        (600, 0)
    );
    let mut malformed = body.clone();
    malformed["asset_blinder"] = json!("z".repeat(64));
    malformed["vout"] = json!("one");
    let refused = issuer.post("/update-blinders", &malformed).await.json();
    let names: Vec<&String> = refused.as_object().unwrap().keys().collect();
    assert_eq!(names, ["asset_blinder", "vout"]);
}

#[tokio::test]
async fn the_node_says_why_it_does_nothing() {
    let mut issuer = Issuer::new().await;
    let asset_id = issuer.asset_id.clone();
    let send = |address: &str, amount: Value| json!({ "asset_id": asset_id, "map_address_amount": { address: amount } });
    let table = [
        ("burn", json!({}), "not such an order"),
        (
            "burn",
            json!({ "asset_id": "00", "amount": 1 }),
            "there is no asset with this id",
        ),
        (
            "burn",
            json!({ "asset_id": asset_id, "amount": 1e-9 }),
            "is no amount of coins",
        ),
        (
            "burn",
            json!({ "asset_id": asset_id, "amount": 0 }),
            "nothing is to be sent",
        ),
        (
            "burn",
            json!({ "asset_id": asset_id, "amount": 1 }),
            "Insufficient funds",
        ),
        (
            "send",
            send("vjU8there", json!("0.00001001")),
            "Insufficient funds",
        ),
        (
            "send",
            json!({ "asset_id": asset_id, "map_address_amount": {} }),
            "nothing is to be sent",
        ),
        (
            "send",
            json!({ "map_address_amount": { "vjU8there": 1 } }),
            "no asset_id was given",
        ),
        (
            "reissue",
            json!({ "asset_id": asset_id, "amount": 21_000_000 }),
            "21 million",
        ),
        (
            "mine",
            json!({ "blocks": 100_001 }),
            "no more than 100000 blocks",
        ),
        (
            "transfer",
            json!({ "asset_id": asset_id, "from": "GA", "to": "GA", "amount": 1 }),
            "Insufficient funds",
        ),
    ];
    let before = issuer.ledger();
    for (command, body, reason) in table {
        let answer = issuer.try_node(command, &body).await;
        assert_eq!(answer.status, 400, "{command} {body}");
        let text = answer.json()["error"].as_str().unwrap().to_owned();
        assert!(text.contains(reason), "{command} {body}: {text}");
    }
    assert_eq!(issuer.ledger(), before);
    assert_eq!(issuer.try_node("dance", &json!({})).await.status, 404);
}
