//! Assignments.

use std::time::UNIX_EPOCH;

use serde_json::{Value, json};

use crate::client::seconds;
use crate::issuer::{Issuer, refusal};

#[tokio::test]
async fn a_new_assignment_comes_back_in_a_list() {
    let mut issuer = Issuer::new().await;
    let (ann, gaid) = issuer.user().await;
    let body = json!({ "assignments": [{
        "registered_user": ann, "amount": 100, "vesting_timestamp": 1_767_225_600,
    }] });
    let answer = issuer.post("/assignments/create", &body).await;
    let expected = json!([{
        "id": 1,
        "registered_user": ann,
        "amount": 100,
        "receiving_address": null,
        "distribution_uuid": null,
        "ready_for_distribution": false,
        "vesting_datetime": "2026-01-01T00:00:00.000000Z",
        "vesting_timestamp": 1_767_225_600,
        "has_vested": true,
        "is_distributed": false,
        "creator": 7,
        "GAID": gaid,
        "investor": ann,
    }]);
    assert_eq!((answer.status.as_u16(), answer.json()), (200, expected));
    assert_eq!(issuer.get("/assignments").await, answer.json());
    assert_eq!(issuer.get("/assignments/1").await, answer.json()[0]);
    assert_eq!(issuer.get("/assignments?distributed=true").await, json!([]));
}

#[tokio::test(start_paused = true)]
async fn an_assignment_vests_when_its_time_comes() {
    let mut issuer = Issuer::new().await;
    let (ann, _) = issuer.user().await;
    let date = issuer.client.get("/info").await;
    let date = httpdate::parse_http_date(date.header("date").unwrap()).unwrap();
    let now = date.duration_since(UNIX_EPOCH).unwrap().as_secs();
    let body = json!({ "assignments": [{
        "registered_user": ann,
        "amount": 100,
        "vesting_timestamp": now + 3600,
        "ready_for_distribution": true,
    }] });
    issuer.post("/assignments/create", &body).await;
    let create = issuer.path("/distributions/create/");
    assert_eq!(issuer.get("/assignments/1").await["has_vested"], false);
    assert_eq!(issuer.client.get(&create).await.status, 400);
    tokio::time::advance(seconds(3600)).await;
    assert_eq!(issuer.get("/assignments/1").await["has_vested"], true);
    assert_eq!(issuer.client.get(&create).await.status, 200);
}

#[tokio::test]
async fn no_more_is_assigned_than_the_treasury_has() {
    let mut issuer = Issuer::new().await;
    let (ann, _) = issuer.user().await;
    issuer.assign(ann, 600).await;
    let refused = issuer.try_assign(ann, 401).await;
    assert_eq!(
        refusal(&refused),
        "There is not enough in the treasury balance."
    );
    let last = issuer.assign(ann, 400).await;
    assert_eq!(issuer.ledger().assigned(), 1000);
    let path = format!("/assignments/{}/delete", last["id"]);
    assert_eq!(issuer.delete(&path).await.status, 204);
    assert_eq!(issuer.delete(&path).await.status, 404);
    issuer.assign(ann, 400).await;
}

#[tokio::test]
async fn every_wrong_assignment_is_refused_with_its_reason() {
    let mut issuer = Issuer::new().await;
    let (ann, _) = issuer.user().await;
    let good = json!({ "registered_user": ann, "amount": 1 });
    let with = |name: &str, value: Value| {
        let mut assignment = good.clone();
        assignment[name] = value;
        json!({ "assignments": [assignment] })
    };
    let one = "Exactly one assignment is required.";
    let table = [
        (json!({}), "assignments", "This field is required."),
        (json!({ "assignments": [] }), "assignments", one),
        (json!({ "assignments": [good, good] }), "assignments", one),
        (
            json!({ "assignments": good }),
            "assignments",
            "Expected a list of items but got type \"dict\".",
        ),
        (
            json!({ "assignments": [1] }),
            "assignments",
            "Invalid data. Expected a dictionary, but got int.",
        ),
        (
            json!({ "assignments": [{}] }),
            "amount",
            "This field is required.",
        ),
        (
            with("registered_user", json!(99)),
            "registered_user",
            "Invalid pk \"99\" - object does not exist.",
        ),
        (
            with("amount", json!(0)),
            "amount",
            "Ensure this value is greater than or equal to 1.",
        ),
        (
            with("amount", json!(1.5)),
            "amount",
            "A valid integer is required.",
        ),
        (
            with("vesting_timestamp", json!(-1)),
            "vesting_timestamp",
            "Ensure this value is greater than or equal to 0.",
        ),
        (
            with("ready_for_distribution", json!("yes")),
            "ready_for_distribution",
            "Must be a valid boolean.",
        ),
    ];
    for (body, field, message) in table {
        let answer = issuer.post("/assignments/create", &body).await;
        assert_eq!(answer.status, 400, "{body}");
        assert_eq!(answer.json()[field], json!([message]), "{body}");
    }
    assert_eq!(issuer.get("/assignments").await, json!([]));
}

#[tokio::test]
async fn an_assignment_in_a_distribution_is_not_deleted() {
    let mut issuer = Issuer::new().await;
    let (ann, _) = issuer.user().await;
    let assignment = issuer.assign(ann, 10).await;
    issuer.distribution().await;
    let path = format!("/assignments/{}/delete", assignment["id"]);
    let refused = issuer.delete(&path).await;
    assert_eq!(refused.status, 403, "{refused:?}");
    assert_eq!(issuer.ledger().assigned(), 10);
}

#[tokio::test]
async fn what_belongs_to_another_asset_is_not_found() {
    let mut issuer = Issuer::new().await;
    let (ann, _) = issuer.user().await;
    let assignment = issuer.assign(ann, 10).await;
    let other = issuer.client.get("/assets").await.json()[0]["asset_uuid"].clone();
    let paths = [
        format!(
            "/assets/{}/assignments/{}",
            other.as_str().unwrap(),
            assignment["id"]
        ),
        issuer.path("/assignments/99"),
        issuer.path("/assignments/one"),
        "/assets/unknown/assignments".to_owned(),
    ];
    for path in paths {
        assert_eq!(issuer.client.get(&path).await.status, 404, "{path}");
    }
    let answer = issuer
        .client
        .get(&issuer.path("/assignments?distributed=perhaps"))
        .await;
    assert_eq!(
        answer.json(),
        json!({ "distributed": ["Must be a valid boolean."] })
    );
}
