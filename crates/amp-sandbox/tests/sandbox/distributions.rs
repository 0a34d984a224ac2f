//! From assignments to holdings, by way of the simulated node.

use amp_sandbox::Fault;
use serde_json::{Value, json};

use crate::issuer::{Issuer, refusal};

// a GET with a slash at its end and no body
#[tokio::test]
async fn a_client_without_a_node_can_walk_from_assignment_to_holding() {
    let mut issuer = Issuer::new().await;
    let (ann, gaid) = issuer.user().await;
    let assignment = issuer.assign(ann, 250).await;
    let instructions = issuer.distribution().await;
    let amounts = instructions["map_address_amount"].as_object().unwrap();
    let (address, amount) = amounts.iter().next().unwrap();
    assert_eq!(amount.to_string(), "2.5e-6");
    assert_eq!(instructions["map_address_asset"][address], issuer.asset_id);
    assert_eq!(instructions["command"], "distribute");
    assert_eq!(instructions["base_url"], "http://localhost/api/{}");
    let uuid = instructions["distribution_uuid"].clone();

    let pending = issuer
        .get(&format!("/distributions/{}", uuid.as_str().unwrap()))
        .await;
    assert_eq!(pending["distribution_status"], "UNCONFIRMED");
    assert_eq!(issuer.get("/distributions").await, json!([]));
    let stamped = issuer
        .get(&format!("/assignments/{}", assignment["id"]))
        .await;
    assert_eq!(stamped["distribution_uuid"], uuid);
    assert_eq!(stamped["receiving_address"], *address);
    assert_eq!(stamped["is_distributed"], false);

    let report = issuer.node("send", &instructions).await;
    let confirmed = issuer.confirm(&instructions, &report).await.json();
    assert_eq!(confirmed["distribution_status"], "CONFIRMED");
    let transaction = &confirmed["transactions"][0];
    assert_eq!(transaction["txid"], report["tx_data"]["txid"]);
    let expected = json!([{ "registered_user": ann, "amount": 250, "vout": 0 }]);
    assert_eq!(transaction["assignments"], expected);
    assert_eq!(issuer.get("/distributions").await, json!([confirmed]));

    let paid = issuer.get("/assignments?distributed=true").await;
    assert_eq!(paid[0]["is_distributed"], true);
    let owners = issuer.get("/ownerships").await;
    let expected = json!([
        { "owner": "ISSUER", "amount": 750, "GAID": null },
        { "owner": ann, "amount": 250, "GAID": gaid },
    ]);
    assert_eq!(owners, expected);
    assert_eq!(issuer.get("/lost-outputs").await["lost_outputs"], json!([]));
}

#[tokio::test]
async fn a_repeated_confirmation_with_the_same_transaction_changes_nothing() {
    let mut issuer = Issuer::new().await;
    let (ann, _) = issuer.user().await;
    issuer.assign(ann, 250).await;
    let instructions = issuer.distribution().await;
    let report = issuer.node("send", &instructions).await;
    let first = issuer.confirm(&instructions, &report).await;
    let ledger = issuer.ledger();
    let second = issuer.confirm(&instructions, &report).await;
    assert_eq!((first.status.as_u16(), second.status.as_u16()), (200, 200));
    assert_eq!(first.json(), second.json());
    assert_eq!(issuer.ledger(), ledger);
    assert_eq!((ledger.assigned(), ledger.distributed()), (250, 250));

    let other = issuer.node("send", &instructions).await;
    assert_eq!(
        refusal(&issuer.confirm(&instructions, &other).await),
        "The distribution is already confirmed with another transaction."
    );
}

#[tokio::test]
async fn a_confirmation_whose_answer_is_lost_has_had_its_effect() {
    let mut issuer = Issuer::new().await;
    let (ann, _) = issuer.user().await;
    issuer.assign(ann, 250).await;
    let instructions = issuer.distribution().await;
    let report = issuer.node("send", &instructions).await;
    let fault: Fault = "POST /assets/*/distributions/*/confirm=reset-after"
        .parse()
        .unwrap();
    issuer.sandbox.inject(fault);
    let uuid = instructions["distribution_uuid"].as_str().unwrap();
    let path = issuer.path(&format!("/distributions/{uuid}/confirm"));
    let lost = issuer.client.send("POST", &path, report.to_string()).await;
    assert!(lost.is_err(), "{lost:?}");
    assert_eq!(issuer.ledger().distributed(), 250);

    let mut client = crate::client::Client::logged_in(&issuer.sandbox).await;
    let again = client.post(&path, &report).await;
    assert_eq!(again.status, 200, "{again:?}");
    assert_eq!(issuer.ledger().distributed(), 250);
    let counts = issuer.sandbox.counts();
    let of_confirm = counts
        .iter()
        .find(|count| count.operation() == "POST /assets/{}/distributions/{}/confirm");
    let of_confirm = of_confirm.unwrap();
    assert_eq!((of_confirm.requests(), of_confirm.succeeded()), (2, 1));
}

#[tokio::test]
async fn a_report_of_something_else_is_refused() {
    let mut issuer = Issuer::new().await;
    let (ann, _) = issuer.user().await;
    issuer.assign(ann, 250).await;
    let first = issuer.distribution().await;
    issuer.assign(ann, 100).await;
    let second = issuer.distribution().await;
    let of_first = issuer.node("send", &first).await;

    let unknown =
        json!({ "tx_data": { "txid": "ab".repeat(32), "details": [] }, "change_data": [] });
    assert_eq!(
        refusal(&issuer.confirm(&first, &unknown).await),
        "There is no such transaction of this asset."
    );
    assert_eq!(
        refusal(&issuer.confirm(&second, &of_first).await),
        "The transaction does not pay the distribution."
    );
    let mut wrong_change = of_first.clone();
    wrong_change["change_data"][0]["vout"] = json!(0);
    assert_eq!(
        issuer.confirm(&first, &wrong_change).await.json(),
        json!({ "change_data": ["This is no output of the transaction to the treasury."] })
    );
    assert_eq!(
        issuer.confirm(&first, &json!({})).await.json(),
        json!({ "tx_data": ["This field is required."], "change_data": ["This field is required."] })
    );
    let malformed =
        json!({ "tx_data": { "details": {} }, "change_data": [{ "txid": 1, "vout": 0 }, 7] });
    assert_eq!(
        issuer.confirm(&first, &malformed).await.json(),
        json!({
            "tx_data": ["details: Expected a list of items but got type \"dict\"."],
            "change_data": ["Invalid data. Expected a dictionary, but got int."],
        })
    );
    assert_eq!(issuer.ledger().distributed(), 0);
}

#[tokio::test]
async fn a_transaction_needs_two_confirmations_before_it_can_be_reported() {
    let mut issuer = Issuer::new().await;
    let (ann, _) = issuer.user().await;
    issuer.assign(ann, 250).await;
    let mut instructions = issuer.distribution().await;
    instructions["confirmations"] = json!(0);
    let report = issuer.node("send", &instructions).await;
    assert_eq!(issuer.get("/ownerships").await.as_array().unwrap().len(), 1);
    for _ in 0..2 {
        assert_eq!(
            refusal(&issuer.confirm(&instructions, &report).await),
            "The transaction has fewer than two confirmations."
        );
        issuer.node("mine", &json!({ "blocks": 1 })).await;
    }
    assert_eq!(issuer.confirm(&instructions, &report).await.status, 200);
}

#[tokio::test]
async fn change_that_is_not_reported_is_lost_until_it_is() {
    let mut issuer = Issuer::new().await;
    let (ann, _) = issuer.user().await;
    issuer.assign(ann, 250).await;
    let instructions = issuer.distribution().await;
    let report = issuer.node("send", &instructions).await;
    let mut without_change = report.clone();
    without_change["change_data"] = json!([]);
    assert_eq!(
        issuer.confirm(&instructions, &without_change).await.status,
        200
    );
    let lost = issuer.get("/balance").await["lost_outputs"].clone();
    assert_eq!(
        lost,
        json!([{ "txid": report["tx_data"]["txid"], "vout": 1 }])
    );
    assert_eq!(
        (issuer.ledger().treasury(), issuer.ledger().lost()),
        (0, 750)
    );
    assert_eq!(issuer.confirm(&instructions, &report).await.status, 200);
    assert_eq!(
        (issuer.ledger().treasury(), issuer.ledger().lost()),
        (750, 0)
    );
}

#[tokio::test]
async fn a_distribution_takes_what_is_ready_vested_unlocked_and_has_a_wallet() {
    let mut issuer = Issuer::new().await;
    let (ann, _) = issuer.user().await;
    let body = json!({ "name": "No wallet" });
    let walletless = issuer.client.post("/registered_users/add", &body).await;
    let walletless = walletless.json()["id"].as_i64().unwrap();
    let assignment = |user: i64, amount: i64| json!({ "registered_user": user, "amount": amount });
    let mut unready = assignment(ann, 1);
    unready["ready_for_distribution"] = json!(false);
    let mut unvested = assignment(ann, 2);
    unvested["ready_for_distribution"] = json!(true);
    unvested["vesting_timestamp"] = json!(253_402_300_799_i64);
    let mut vested = assignment(ann, 4);
    vested["ready_for_distribution"] = json!(true);
    vested["vesting_timestamp"] = json!(1);
    for assignment in [unready, unvested, vested] {
        let body = json!({ "assignments": [assignment] });
        assert_eq!(issuer.post("/assignments/create", &body).await.status, 200);
    }
    issuer.assign(walletless, 8).await;
    let locked = issuer.assign(ann, 16).await;
    issuer
        .put(&format!("/assignments/{}/lock", locked["id"]))
        .await;
    let instructions = issuer.distribution().await;
    let amounts: Vec<String> = instructions["map_address_amount"]
        .as_object()
        .unwrap()
        .values()
        .map(Value::to_string)
        .collect();
    assert_eq!(amounts, ["4e-8"]);
    assert_eq!(
        refusal(
            &issuer
                .client
                .get(&issuer.path("/distributions/create/"))
                .await
        ),
        "No assignment is ready for distribution."
    );
    issuer
        .put(&format!("/assignments/{}/unlock", locked["id"]))
        .await;
    let next = issuer.distribution().await;
    assert_eq!(next["map_address_amount"].as_object().unwrap().len(), 1);
}

#[tokio::test]
async fn only_a_pending_distribution_is_cancelled_and_its_assignments_are_free_again() {
    let mut issuer = Issuer::new().await;
    let (ann, _) = issuer.user().await;
    let assignment = issuer.assign(ann, 250).await;
    let first = issuer.distribution().await;
    let path = |instructions: &Value| {
        let uuid = instructions["distribution_uuid"].as_str().unwrap();
        format!("/distributions/{uuid}/cancel")
    };
    assert_eq!(issuer.delete(&path(&first)).await.status, 204);
    assert_eq!(issuer.delete(&path(&first)).await.status, 404);
    let freed = issuer
        .get(&format!("/assignments/{}", assignment["id"]))
        .await;
    assert_eq!(freed, assignment);
    let second = issuer.distribution().await;
    let report = issuer.node("send", &second).await;
    issuer.confirm(&second, &report).await;
    assert_eq!(
        refusal(&issuer.delete(&path(&second)).await),
        "The distribution is already confirmed."
    );
}

#[tokio::test]
async fn a_locked_asset_distributes_nothing() {
    let mut issuer = Issuer::new().await;
    let (ann, _) = issuer.user().await;
    issuer.assign(ann, 250).await;
    issuer.put("/lock").await;
    let refused = issuer
        .client
        .get(&issuer.path("/distributions/create/"))
        .await;
    assert_eq!(refusal(&refused), "The asset is locked.");
    assert_eq!(
        refusal(&issuer.try_assign(ann, 1).await),
        "The asset is locked."
    );
    issuer.put("/unlock").await;
    assert_eq!(issuer.distribution().await["asset_uuid"], issuer.uuid);
}
