//! Categories and who is in them.

use crate::client::{Answer, Client};
use amp_sandbox::Sandbox;
use serde_json::{Value, json};

/// The uuid of the first seeded asset.
async fn asset(client: &mut Client) -> String {
    let assets = client.get("/assets").await.json();
    assets[0]["asset_uuid"].as_str().unwrap().to_owned()
}

/// A client of a sandbox with user 1 and category 1.
async fn client_with_both(sandbox: &Sandbox) -> Client {
    let mut client = Client::logged_in(sandbox).await;
    let user = json!({ "name": "Jane" });
    client.post("/registered_users/add", &user).await;
    let category = json!({ "name": "Accredited", "description": "Checked investors" });
    client.post("/categories/add", &category).await;
    client
}

fn refusal(answer: &Answer) -> (u16, Value) {
    (answer.status.as_u16(), answer.json())
}

#[tokio::test]
async fn a_new_category_is_answered_listed_and_found() {
    let sandbox = Sandbox::builder().in_memory();
    let mut client = Client::logged_in(&sandbox).await;
    let body = json!({ "name": "Accredited", "description": "Checked investors" });
    let added = client.post("/categories/add", &body).await;
    let category = json!({
        "id": 1,
        "name": "Accredited",
        "description": "Checked investors",
        "registered_users": [],
        "assets": [],
    });
    assert_eq!(
        (added.status.as_u16(), added.json()),
        (201, category.clone())
    );
    let bare = client
        .post("/categories/add", &json!({ "name": "B" }))
        .await;
    assert_eq!(bare.json()["description"], json!(null));
    assert_eq!(client.get("/categories/1").await.json(), category);
    let list = client.get("/categories").await.json();
    assert_eq!(list, json!([category, bare.json()]));
    let wrong = json!({ "name": "", "description": "d".repeat(1024) });
    let expected = json!({
        "name": ["This field may not be blank."],
        "description": ["Ensure this field has no more than 1023 characters."],
    });
    let refused = client.post("/categories/add", &wrong).await;
    assert_eq!(refusal(&refused), (400, expected));
}

#[tokio::test]
async fn an_edit_changes_what_it_names() {
    let sandbox = Sandbox::builder().in_memory();
    let mut client = client_with_both(&sandbox).await;
    let path = "/categories/1/edit";
    let edited = client.put_json(path, &json!({ "name": "Checked" })).await;
    assert_eq!(edited.json()["name"], "Checked");
    assert_eq!(edited.json()["description"], "Checked investors");
    let edited = client
        .put_json(path, &json!({ "name": null, "description": "" }))
        .await;
    assert_eq!(edited.json()["name"], "Checked");
    assert_eq!(edited.json()["description"], "");
}

#[tokio::test]
async fn the_members_of_a_category_know_it_and_it_knows_them() {
    let sandbox = Sandbox::builder().in_memory();
    let mut client = client_with_both(&sandbox).await;
    let uuid = asset(&mut client).await;
    for _ in 0..2 {
        client.put("/categories/1/registered_users/1/add").await;
        client
            .put(&format!("/categories/1/assets/{uuid}/add"))
            .await;
    }
    let category = client.get("/categories/1").await.json();
    assert_eq!(
        (&category["registered_users"], &category["assets"]),
        (&json!([1]), &json!([uuid]))
    );
    let user = client.get("/registered_users/1").await.json();
    assert_eq!(user["categories"], json!([1]));
    let asset = client.get(&format!("/assets/{uuid}")).await.json();
    assert_eq!(asset["requirements"], json!([1]));
    for _ in 0..2 {
        let removed = client.put("/categories/1/registered_users/1/remove").await;
        assert_eq!(removed.json()["registered_users"], json!([]));
        let path = format!("/categories/1/assets/{uuid}/remove");
        assert_eq!(client.put(&path).await.json()["assets"], json!([]));
    }
    let user = client.get("/registered_users/1").await.json();
    assert_eq!(user["categories"], json!([]));
    let asset = client.get(&format!("/assets/{uuid}")).await.json();
    assert_eq!(asset["requirements"], json!([]));
}

#[tokio::test]
async fn what_is_in_use_is_not_deleted() {
    let sandbox = Sandbox::builder().in_memory();
    let mut client = client_with_both(&sandbox).await;
    let uuid = asset(&mut client).await;
    let asset_path = format!("/categories/1/assets/{uuid}");
    client.put("/categories/1/registered_users/1/add").await;
    let user = client.delete("/registered_users/1/delete").await;
    let text = "Remove the registered user from its categories first.";
    let expected = json!({ "non_field_errors": [text] });
    assert_eq!(refusal(&user), (400, expected));
    assert_eq!(client.delete("/categories/1/delete").await.status, 403);
    client.put("/categories/1/registered_users/1/remove").await;
    client.put(&format!("{asset_path}/add")).await;
    assert_eq!(client.delete("/categories/1/delete").await.status, 403);
    client.put(&format!("{asset_path}/remove")).await;
    for path in ["/categories/1/delete", "/registered_users/1/delete"] {
        let deleted = client.delete(path).await;
        assert_eq!((deleted.status.as_u16(), deleted.body.len()), (204, 0));
    }
    assert_eq!(client.get("/categories").await.json(), json!([]));
}

#[tokio::test]
async fn clients_from_before_0_1_7_can_still_name_the_categories_of_a_user() {
    let sandbox = Sandbox::builder().in_memory();
    let mut client = client_with_both(&sandbox).await;
    client
        .post("/categories/add", &json!({ "name": "B" }))
        .await;
    let path = "/registered_users/1/categories/add";
    let unknown = client
        .put_json(path, &json!({ "categories": [1, 9] }))
        .await;
    let text = "Invalid pk \"9\" - object does not exist.";
    assert_eq!(refusal(&unknown), (400, json!({ "categories": [text] })));
    let user = client.get("/registered_users/1").await.json();
    assert_eq!(user["categories"], json!([]), "all of them or none");
    let table = [
        (json!({}), "This field is required."),
        (json!({ "categories": null }), "This field may not be null."),
        (
            json!({ "categories": 1 }),
            "Expected a list of items but got type \"int\".",
        ),
        (
            json!({ "categories": ["one"] }),
            "A valid integer is required.",
        ),
    ];
    for (body, text) in table {
        let answer = client.put_json(path, &body).await;
        assert_eq!(refusal(&answer), (400, json!({ "categories": [text] })));
    }
    client
        .put_json(path, &json!({ "categories": [1, 2] }))
        .await;
    let user = client.get("/registered_users/1").await.json();
    assert_eq!(user["categories"], json!([1, 2]));
    let path = "/registered_users/1/categories/delete";
    client.put_json(path, &json!({ "categories": [1] })).await;
    let user = client.get("/registered_users/1").await.json();
    assert_eq!(user["categories"], json!([2]));
}

#[tokio::test]
async fn a_category_and_its_members_have_to_exist() {
    let sandbox = Sandbox::builder().in_memory();
    let mut client = client_with_both(&sandbox).await;
    let uuid = asset(&mut client).await;
    for verb in ["add", "remove"] {
        for path in [
            format!("/categories/9/registered_users/1/{verb}"),
            format!("/categories/1/registered_users/9/{verb}"),
            format!("/categories/9/assets/{uuid}/{verb}"),
            format!("/categories/1/assets/unknown-uuid/{verb}"),
        ] {
            assert_eq!(client.put(&path).await.status, 404, "{path}");
        }
    }
    for path in ["/categories/9", "/categories/x"] {
        assert_eq!(client.get(path).await.status, 404, "{path}");
    }
    assert_eq!(client.delete("/categories/9/delete").await.status, 404);
    let edited = client.put_json("/categories/9/edit", &json!({})).await;
    assert_eq!(edited.status, 404);
}
