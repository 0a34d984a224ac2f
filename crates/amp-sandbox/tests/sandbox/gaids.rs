//! Wallets by their GAIDs.

use crate::client::{Answer, Client};
use amp_sandbox::Sandbox;
use serde_json::{Value, json};

const FIRST: &str = "GAxampLeGaidxxxxxxxxxxxxxxxxx";

fn refusal(answer: &Answer) -> (u16, Value) {
    (answer.status.as_u16(), answer.json())
}

#[tokio::test]
async fn a_wallet_is_judged_by_the_form_of_its_gaid() {
    let sandbox = Sandbox::builder().in_memory();
    let mut client = Client::logged_in(&sandbox).await;
    let valid = client.get(&format!("/gaids/{FIRST}/validate")).await;
    assert_eq!(valid.json(), json!({ "is_valid": true }));
    let invalid = client.get("/gaids/GAshort/validate").await;
    let expected = json!({ "is_valid": false, "error": "Invalid GAID." });
    assert_eq!(refusal(&invalid), (200, expected));
    let refused = client.get("/gaids/GAshort/address").await;
    assert_eq!(
        refusal(&refused),
        (400, json!({ "detail": "Invalid GAID." }))
    );
    let nobody = client.get(&format!("/gaids/{FIRST}/registered_user")).await;
    assert_eq!(nobody.status, 404);
}

#[tokio::test]
async fn each_call_hands_out_a_new_address() {
    let sandbox = Sandbox::builder().in_memory();
    let mut client = Client::logged_in(&sandbox).await;
    let path = format!("/gaids/{FIRST}/address");
    let (first, second) = (
        client.get(&path).await.json(),
        client.get(&path).await.json(),
    );
    assert_eq!(first["error"], json!(null));
    assert_eq!(first["address"].as_str().unwrap().len(), 80);
    assert_ne!(first["address"], second["address"]);
}

#[tokio::test]
async fn a_wallet_of_another_form_and_an_unknown_asset_have_no_balance() {
    let sandbox = Sandbox::builder().in_memory();
    let mut client = Client::logged_in(&sandbox).await;
    for path in [
        "/gaids/GAshort/balance".to_owned(),
        format!("/gaids/{FIRST}/balance/unknown-uuid"),
    ] {
        assert_eq!(client.get(&path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn a_new_gaid_can_be_had_in_both_ways() {
    let sandbox = Sandbox::builder().in_memory();
    let mut client = Client::logged_in(&sandbox).await;
    let told = client
        .control("POST", "new-gaid", &json!(null))
        .await
        .json();
    let told = told["gaid"].as_str().unwrap().to_owned();
    for gaid in [told, sandbox.new_gaid()] {
        let answer = client.get(&format!("/gaids/{gaid}/validate")).await;
        assert_eq!(answer.json(), json!({ "is_valid": true }), "{gaid}");
        let body = json!({ "name": "Jane", "GAID": gaid });
        assert_eq!(
            client.post("/registered_users/add", &body).await.status,
            201,
            "{gaid}"
        );
    }
}
