//! Who holds an asset, and where.

use serde_json::{Value, json};

use crate::client::Client;
use crate::issuer::{Issuer, refusal};

/// Sends units of the asset from one wallet to another.
async fn transfer(issuer: &mut Issuer, from: &str, to: &str, coins: &str) -> u16 {
    let amount: Value = serde_json::from_str(coins).unwrap();
    let asset_id = &issuer.asset_id;
    let body = json!({ "asset_id": asset_id, "from": from, "to": to, "amount": amount });
    issuer.try_node("transfer", &body).await.status.as_u16()
}

#[tokio::test]
async fn ownership_can_be_asked_for_at_a_height() {
    let mut issuer = Issuer::new().await;
    let (ann, _) = issuer.distribute(250).await;
    let transactions = issuer.get("/txs").await;
    let heights: Vec<i64> = [0, 1]
        .map(|index: usize| transactions[index]["blockheight"].as_i64().unwrap())
        .to_vec();
    let owners = |rows: &Value| -> Vec<(Value, i64)> {
        let rows = rows.as_array().unwrap().iter();
        rows.map(|row| (row["owner"].clone(), row["amount"].as_i64().unwrap()))
            .collect()
    };
    let table = [
        (heights[0] - 1, vec![]),
        (heights[0], vec![(json!("ISSUER"), 1000)]),
        (heights[1] - 1, vec![(json!("ISSUER"), 1000)]),
        (heights[1], vec![(json!("ISSUER"), 750), (json!(ann), 250)]),
    ];
    for (height, expected) in table {
        let by_query = issuer.get(&format!("/ownerships?height={height}")).await;
        let by_path = issuer.get(&format!("/ownerships/{height}")).await;
        assert_eq!(owners(&by_query), expected, "{height}");
        assert_eq!(by_query, by_path);
    }
    for path in ["/ownerships?height=high", "/ownerships/high"] {
        let answer = issuer.client.get(&issuer.path(path)).await;
        assert_eq!(answer.status, 400, "{path}");
    }
}

// the balance is an object
#[tokio::test]
async fn every_view_of_the_holdings_agrees() {
    let mut issuer = Issuer::new().await;
    let (_, ann) = issuer.distribute(250).await;
    let (_, bob) = issuer.distribute(100).await;
    assert_eq!(transfer(&mut issuer, &ann, &bob, "0.0000005").await, 200);
    let owners = issuer.get("/ownerships").await;
    assert_eq!(issuer.get("/balance").await["confirmed_balance"], owners);
    let of = |gaid: &str| -> i64 {
        let rows = owners.as_array().unwrap().iter();
        let own = rows.filter(|row| row["GAID"] == gaid);
        own.map(|row| row["amount"].as_i64().unwrap()).sum()
    };
    assert_eq!((of(&ann), of(&bob)), (200, 150));
    let utxos = issuer.get("/utxos").await;
    let utxos = utxos.as_array().unwrap();
    for gaid in [&ann, &bob] {
        let own = utxos.iter().filter(|utxo| utxo["gaid"] == **gaid);
        let sum: i64 = own.map(|utxo| utxo["amount"].as_i64().unwrap()).sum();
        assert_eq!(sum, of(gaid));
    }
    let summary = issuer.get("/summary").await;
    let expected = json!({
        "asset_id": issuer.asset_id,
        "reissuance_token_id": summary["reissuance_token_id"],
        "issued": 1000,
        "reissued": 0,
        "assigned": 350,
        "distributed": 350,
        "burned": 0,
        "blacklisted": 0,
        "registered_users": 2,
        "active_registered_users": 2,
        "active_green_subaccounts": 2,
        "reissuance_tokens": 2,
    });
    assert_eq!(summary, expected);
    let ledger = issuer.ledger();
    assert_eq!((ledger.treasury(), ledger.held()), (650, 350));
}

#[tokio::test]
async fn a_blacklisted_output_stays_where_it_is() {
    let mut issuer = Issuer::new().await;
    let (_, ann) = issuer.distribute(250).await;
    let utxos = issuer.get("/utxos").await;
    let utxo = utxos
        .as_array()
        .unwrap()
        .iter()
        .find(|utxo| utxo["gaid"] == ann);
    let outpoint = json!([{ "txid": utxo.unwrap()["txid"], "vout": utxo.unwrap()["vout"] }]);
    let answer = issuer.post("/utxos/blacklist", &outpoint).await.json();
    assert_eq!(answer[0]["blacklisted"], true);
    assert_eq!(issuer.get("/summary").await["blacklisted"], 250);
    assert_eq!(
        transfer(&mut issuer, &ann, &"x".repeat(30), "1e-8").await,
        400
    );
    let answer = issuer.post("/utxos/whitelist", &outpoint).await.json();
    assert_eq!(answer[0]["blacklisted"], false);
    assert_eq!(
        transfer(&mut issuer, &ann, &"x".repeat(30), "1e-8").await,
        200
    );
    assert_eq!(issuer.ledger().lost(), 1);
}

#[tokio::test]
async fn what_is_no_list_of_known_outputs_blacklists_nothing() {
    let mut issuer = Issuer::new().await;
    let utxos = issuer.get("/utxos").await;
    let known = json!({ "txid": utxos[0]["txid"], "vout": utxos[0]["vout"] });
    let unknown = json!({ "txid": utxos[0]["txid"], "vout": 9 });
    let token = json!({ "txid": utxos[0]["txid"], "vout": 1 });
    let table = [
        (json!({}), "Invalid data. Expected a list, but got dict."),
        (json!([]), "This list may not be empty."),
        (
            json!([1]),
            "Invalid data. Expected a dictionary, but got int.",
        ),
        (
            json!([known, unknown]),
            "There is no such output of this asset.",
        ),
        (json!([token]), "There is no such output of this asset."),
    ];
    for (body, message) in table {
        let answer = issuer.post("/utxos/blacklist", &body).await;
        assert_eq!(refusal(&answer), message, "{body}");
    }
    let answer = issuer.post("/utxos/blacklist", &json!([{}])).await;
    assert_eq!(answer.status, 400);
    assert_eq!(issuer.ledger().blacklisted(), 0);
}

#[tokio::test]
async fn a_locked_asset_is_not_transferred() {
    let mut issuer = Issuer::new().await;
    let (_, ann) = issuer.distribute(250).await;
    issuer.put("/lock").await;
    assert_eq!(transfer(&mut issuer, &ann, &ann, "1e-8").await, 400);
    issuer.put("/unlock").await;
    assert_eq!(transfer(&mut issuer, &ann, &ann, "1e-8").await, 200);
}

#[tokio::test]
async fn what_is_sent_to_the_address_of_a_wallet_belongs_to_it() {
    let mut issuer = Issuer::new().await;
    let (_, ann) = issuer.distribute(250).await;
    let (bob, gaid) = issuer.user().await;
    let path = format!("/gaids/{gaid}/address");
    let address = issuer.client.get(&path).await.json()["address"].clone();
    let address = address.as_str().unwrap().to_owned();
    assert_eq!(transfer(&mut issuer, &ann, &address, "1e-8").await, 200);
    let owners = issuer.get("/ownerships").await;
    let rows = owners.as_array().unwrap();
    let of_bob = rows.iter().find(|row| row["owner"] == bob);
    assert_eq!(of_bob.unwrap()["amount"], 1, "{owners}");
}

#[tokio::test]
async fn the_same_seed_and_the_same_requests_have_the_same_chain() {
    let mut issuers = [Issuer::new().await, Issuer::new().await];
    let mut seen = Vec::new();
    for issuer in &mut issuers {
        issuer.distribute(250).await;
        seen.push((issuer.get("/txs").await, issuer.get("/activities").await));
    }
    assert_eq!(seen[0], seen[1]);
}

#[tokio::test]
async fn an_unknown_asset_is_not_found_by_any_operation() {
    let mut issuer = Issuer::new().await;
    let client: &mut Client = &mut issuer.client;
    let paths = [
        "activities",
        "ownerships",
        "ownerships/1",
        "balance",
        "lost-outputs",
        "summary",
        "utxos",
        "reissuances",
        "memo",
        "txs",
        "txs/1",
        "treasury-addresses",
        "distributions",
        "distributions/create/",
        "register",
        "register-authorized",
    ];
    for path in paths {
        let answer = client.get(&format!("/assets/unknown/{path}")).await;
        assert_eq!(answer.status, 404, "{path}");
    }
    let paths = [
        "utxos/blacklist",
        "utxos/whitelist",
        "reissue-request",
        "reissue-confirm",
        "burn-request",
        "burn-confirm",
        "memo/set",
        "update-blinders",
        "treasury-addresses/add",
        "assignments/create",
        "distributions/unknown/confirm",
    ];
    for path in paths {
        let path = format!("/assets/unknown/{path}");
        assert_eq!(client.post(&path, &json!({})).await.status, 404, "{path}");
    }
}
