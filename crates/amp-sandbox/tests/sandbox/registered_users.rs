//! Registered users and their GAIDs.

use crate::client::{Answer, Client};
use crate::issuer::Issuer;
use amp_sandbox::Sandbox;
use serde_json::{Value, json};

const FIRST: &str = "GAxampLeGaidxxxxxxxxxxxxxxxxx";
const SECOND: &str = "GA2zxWdhAYtREeYCVFTGRhHQmYMPAP";

async fn add(client: &mut Client, body: &Value) -> Answer {
    client.post("/registered_users/add", body).await
}

fn refusal(answer: &Answer) -> (u16, Value) {
    (answer.status.as_u16(), answer.json())
}

#[tokio::test]
async fn a_new_user_is_answered_listed_and_found() {
    let sandbox = Sandbox::builder().in_memory();
    let mut client = Client::logged_in(&sandbox).await;
    assert_eq!(client.get("/registered_users").await.json(), json!([]));
    let added = add(
        &mut client,
        &json!({ "name": "Jane Doe", "GAID": FIRST, "is_company": true }),
    )
    .await;
    let jane = json!({
        "id": 1,
        "name": "Jane Doe",
        "GAID": FIRST,
        "is_company": true,
        "categories": [],
        "creator": 7,
    });
    assert_eq!((added.status.as_u16(), added.json()), (201, jane.clone()));
    let bare = add(&mut client, &json!({ "name": "Bob", "GAID": null })).await;
    assert_eq!(bare.json()["GAID"], json!(null));
    assert_eq!(bare.json()["is_company"], false);
    let list = client.get("/registered_users/").await.json();
    assert_eq!(list, json!([jane, bare.json()]));
    assert_eq!(client.get("/registered_users/1").await.json(), jane);
    let owner = format!("/gaids/{FIRST}/registered_user");
    assert_eq!(client.get(&owner).await.json(), jane);
}

#[tokio::test]
async fn every_wrong_field_of_a_user_is_named() {
    let sandbox = Sandbox::builder().in_memory();
    let mut client = Client::logged_in(&sandbox).await;
    let table = [
        (json!({}), json!({ "name": ["This field is required."] })),
        (
            json!({ "name": null }),
            json!({ "name": ["This field may not be null."] }),
        ),
        (
            json!({ "name": "", "GAID": "GAshort", "is_company": "perhaps" }),
            json!({
                "name": ["This field may not be blank."],
                "GAID": ["Invalid GAID."],
                "is_company": ["Must be a valid boolean."],
            }),
        ),
        (
            json!({ "name": "n".repeat(256), "GAID": 7 }),
            json!({
                "name": ["Ensure this field has no more than 255 characters."],
                "GAID": ["Not a valid string."],
            }),
        ),
        (
            json!(["Jane"]),
            json!({ "non_field_errors": ["Invalid data. Expected a dictionary, but got list."] }),
        ),
    ];
    for (body, expected) in table {
        let answer = add(&mut client, &body).await;
        assert_eq!(refusal(&answer), (400, expected), "{body}");
    }
    assert_eq!(client.get("/registered_users").await.json(), json!([]));
}

#[tokio::test]
async fn a_gaid_belongs_to_one_user_also_when_that_one_is_deleted() {
    let sandbox = Sandbox::builder().in_memory();
    let mut client = Client::logged_in(&sandbox).await;
    add(&mut client, &json!({ "name": "Jane", "GAID": FIRST })).await;
    add(&mut client, &json!({ "name": "Bob" })).await;
    let text = "A registered user with this GAID was already created.";
    let again = add(&mut client, &json!({ "name": "Eve", "GAID": FIRST })).await;
    assert_eq!(refusal(&again), (400, json!({ "GAID": [text] })));
    let attach = "/registered_users/2/gaids/add";
    let taken = client.post(attach, &json!(FIRST)).await;
    let expected = (400, json!({ "non_field_errors": [text] }));
    assert_eq!(refusal(&taken), expected);
    let deleted = client.delete("/registered_users/1/delete").await;
    assert_eq!((deleted.status.as_u16(), deleted.body.len()), (204, 0));
    assert_eq!(client.get("/registered_users/1").await.status, 404);
    assert_eq!(refusal(&client.post(attach, &json!(FIRST)).await), expected);
    let twice = client.delete("/registered_users/1/delete").await;
    assert_eq!(twice.status, 404);
}

#[tokio::test]
async fn the_first_gaid_is_the_default_until_another_is_set() {
    let sandbox = Sandbox::builder().in_memory();
    let mut client = Client::logged_in(&sandbox).await;
    add(&mut client, &json!({ "name": "Jane" })).await;
    let (attach, set_default) = (
        "/registered_users/1/gaids/add",
        "/registered_users/1/gaids/set-default",
    );
    for gaid in [FIRST, SECOND, SECOND] {
        assert_eq!(client.post(attach, &json!(gaid)).await.status, 200);
    }
    let gaids = client.get("/registered_users/1/gaids").await.json();
    assert_eq!(gaids, json!([FIRST, SECOND]));
    let user = client.get("/registered_users/1").await.json();
    assert_eq!(user["GAID"], FIRST);
    let done = client.post(set_default, &json!(SECOND)).await;
    assert_eq!((done.status.as_u16(), done.body.len()), (200, 0));
    let user = client.get("/registered_users/1").await.json();
    assert_eq!(user["GAID"], SECOND);
    let foreign = "GA2zxWdhAYtREeYCVFTGRhHQmYMPAQ";
    let refused = client.post(set_default, &json!(foreign)).await;
    let text = "The GAID does not belong to this registered user.";
    let expected = json!({ "non_field_errors": [text] });
    assert_eq!(refusal(&refused), (400, expected));
    for (body, text) in [
        (json!("GAshort"), "Invalid GAID."),
        (
            json!({ "GAID": FIRST }),
            "Invalid data. Expected a string, but got dict.",
        ),
    ] {
        let expected = json!({ "non_field_errors": [text] });
        for path in [attach, set_default] {
            assert_eq!(
                refusal(&client.post(path, &body).await),
                (400, expected.clone())
            );
        }
    }
}

#[tokio::test]
async fn only_the_name_of_a_user_can_change() {
    let sandbox = Sandbox::builder().in_memory();
    let mut client = Client::logged_in(&sandbox).await;
    add(&mut client, &json!({ "name": "Jane" })).await;
    let path = "/registered_users/1/edit";
    let edited = client
        .put_json(path, &json!({ "name": "Jane Roe", "is_company": true }))
        .await
        .json();
    assert_eq!(
        (&edited["name"], &edited["is_company"]),
        (&json!("Jane Roe"), &json!(false))
    );
    for nothing in [json!({}), json!({ "name": null })] {
        assert_eq!(client.put_json(path, &nothing).await.json(), edited);
    }
    let blank = client.put_json(path, &json!({ "name": "" })).await;
    assert_eq!(
        refusal(&blank),
        (400, json!({ "name": ["This field may not be blank."] }))
    );
}

#[tokio::test]
async fn an_unknown_user_is_not_found_whatever_is_asked() {
    let sandbox = Sandbox::builder().in_memory();
    let mut client = Client::logged_in(&sandbox).await;
    let table = [
        ("GET", "", json!(null)),
        ("GET", "/gaids", json!(null)),
        ("GET", "/summary", json!(null)),
        ("PUT", "/edit", json!({ "name": "Jane" })),
        ("DELETE", "/delete", json!(null)),
        ("POST", "/gaids/add", json!(FIRST)),
        ("POST", "/gaids/set-default", json!(FIRST)),
        ("PUT", "/categories/add", json!({ "categories": [] })),
        ("PUT", "/categories/delete", json!({ "categories": [] })),
    ];
    for id in ["1", "-1", "one", "99999999999999999999", "1%2F2"] {
        for (method, rest, body) in &table {
            let path = format!("/registered_users/{id}{rest}");
            let answer = client.send(method, &path, body.to_string()).await.unwrap();
            assert_eq!(
                refusal(&answer),
                (404, json!({ "detail": "Not found." })),
                "{method} {path}"
            );
        }
    }
}

#[tokio::test]
async fn balances_and_the_summary_tell_what_was_paid() {
    let mut issuer = Issuer::new().await;
    let (ann, gaid) = issuer.distribute(250).await;
    issuer.assign(ann, 50).await;
    let (uuid, asset_id) = (issuer.uuid.clone(), issuer.asset_id.clone());
    let expected = json!({ "asset_uuid": uuid, "asset_id": asset_id, "balance": 250 });
    let path = format!("/gaids/{gaid}/balance");
    let one = issuer.client.get(&format!("{path}/{uuid}")).await.json();
    assert_eq!(one, expected);
    let all = issuer.client.get(&path).await.json();
    let balances: Vec<&Value> = all
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["balance"])
        .collect();
    assert_eq!(balances, [0, 0, 0, 250], "zero is told, too");
    let summary = format!("/registered_users/{ann}/summary");
    let summary = issuer.client.get(&summary).await.json();
    let row = &summary[0];
    assert_eq!(summary.as_array().unwrap().len(), 1);
    assert_eq!(
        (
            &row["asset_uuid"],
            &row["assignments_sum"],
            &row["distributions_sum"],
            &row["balance"]
        ),
        (&json!(uuid), &json!(300), &json!(250), &json!(250))
    );
    assert_eq!(row["assignments"], issuer.get("/assignments").await);
    assert_eq!(row["distributions"], issuer.get("/distributions").await);
}

#[tokio::test]
async fn a_user_stays_while_something_is_on_its_way() {
    let mut issuer = Issuer::new().await;
    let (ann, _) = issuer.user().await;
    let assignment = issuer.assign(ann, 250).await;
    let delete = format!("/registered_users/{ann}/delete");
    let refused = issuer.client.delete(&delete).await;
    let text = "Delete the assignments of the registered user first.";
    let expected = json!({ "non_field_errors": [text] });
    assert_eq!(refusal(&refused), (400, expected));
    let path = format!("/assignments/{}/delete", assignment["id"]);
    assert_eq!(issuer.delete(&path).await.status, 204);
    assert_eq!(issuer.client.delete(&delete).await.status, 204);
}
