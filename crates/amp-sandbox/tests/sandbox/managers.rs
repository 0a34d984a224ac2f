//! Managers: their accounts, what they see, and passwords.

use crate::client::{Answer, Client};
use amp_sandbox::{DEFAULT_USERNAME, Sandbox};
use serde_json::{Value, json};

/// Logs in with these credentials.
async fn obtain(client: &mut Client, username: &str, password: &str) -> Answer {
    let body = json!({ "username": username, "password": password });
    client.post("/user/obtain_token", &body).await
}

/// The issuer's client of a sandbox with an unlocked manager 8, and that manager's client.
async fn issuer_and_manager(sandbox: &Sandbox) -> (Client, Client) {
    let mut issuer = Client::logged_in(sandbox).await;
    let body = json!({ "username": "mary", "password": "first" });
    issuer.post("/managers/create", &body).await;
    issuer.put("/managers/8/unlock").await;
    let mut manager = Client::connect(sandbox).await;
    let answer = obtain(&mut manager, "mary", "first").await;
    manager.use_token(answer.json()["token"].as_str().unwrap());
    (issuer, manager)
}

async fn assets(client: &mut Client) -> Vec<String> {
    let assets = client.get("/assets").await.json();
    let uuid = |asset: &Value| asset["asset_uuid"].as_str().unwrap().to_owned();
    assets.as_array().unwrap().iter().map(uuid).collect()
}

fn refusal(answer: &Answer) -> (u16, Value) {
    (answer.status.as_u16(), answer.json())
}

#[tokio::test]
async fn a_new_manager_is_locked_and_cannot_log_in() {
    let sandbox = Sandbox::builder().in_memory();
    let mut client = Client::logged_in(&sandbox).await;
    let body = json!({ "username": "mary", "password": "first" });
    let created = client.post("/managers/create", &body).await;
    let mary = json!({ "id": 8, "username": "mary", "is_locked": true, "assets": [] });
    assert_eq!(
        (created.status.as_u16(), created.json()),
        (201, mary.clone())
    );
    assert_eq!(client.get("/managers/8").await.json(), mary);
    assert_eq!(client.get("/managers").await.json(), json!([mary]));
    let locked = obtain(&mut client, "mary", "first").await;
    let expected = json!({ "detail": "User inactive or deleted." });
    assert_eq!(refusal(&locked), (403, expected));
    let unlocked = client.put("/managers/8/unlock").await.json();
    assert_eq!(unlocked["is_locked"], false);
    assert_eq!(obtain(&mut client, "mary", "first").await.status, 200);
    let wrong = obtain(&mut client, "mary", "second").await;
    assert_eq!(wrong.status, 400);
}

#[tokio::test]
async fn user_names_are_taken_once() {
    let sandbox = Sandbox::builder().in_memory();
    let mut client = Client::logged_in(&sandbox).await;
    let create = |username: &str| json!({ "username": username, "password": "first" });
    client.post("/managers/create", &create("mary")).await;
    for name in ["mary", DEFAULT_USERNAME] {
        let answer = client.post("/managers/create", &create(name)).await;
        let text = "A user with that username already exists.";
        assert_eq!(refusal(&answer), (400, json!({ "username": [text] })));
    }
    let answer = client.post("/managers/create", &json!({})).await;
    let required = ["This field is required."];
    let expected = json!({ "username": required, "password": required });
    assert_eq!(refusal(&answer), (400, expected));
}

#[tokio::test]
async fn a_manager_sees_the_assets_that_it_was_given() {
    let sandbox = Sandbox::builder().in_memory();
    let (mut issuer, mut manager) = issuer_and_manager(&sandbox).await;
    let all = assets(&mut issuer).await;
    issuer
        .post("/categories/add", &json!({ "name": "A" }))
        .await;
    for uuid in &all {
        issuer
            .put(&format!("/categories/1/assets/{uuid}/add"))
            .await;
    }
    assert_eq!(assets(&mut manager).await, [""; 0]);
    let given = issuer
        .put(&format!("/managers/8/assets/{}/add", all[1]))
        .await
        .json();
    assert_eq!(given["assets"], json!([all[1]]));
    assert_eq!(assets(&mut manager).await, [all[1].clone()]);
    let category = manager.get("/categories/1").await.json();
    assert_eq!(category["assets"], json!([all[1]]));
    let own = manager.get(&format!("/assets/{}", all[1])).await;
    let foreign = manager.get(&format!("/assets/{}", all[0])).await;
    let lock = manager.put(&format!("/assets/{}/lock", all[0])).await;
    assert_eq!(
        [own.status, foreign.status, lock.status].map(|status| status.as_u16()),
        [200, 404, 404]
    );
    let me = manager.get("/managers/me").await.json();
    assert_eq!(me["assets"], json!([all[1]]));
}

#[tokio::test]
async fn an_asset_is_taken_away_with_either_verb() {
    let sandbox = Sandbox::builder().in_memory();
    let (mut issuer, mut manager) = issuer_and_manager(&sandbox).await;
    let uuid = assets(&mut issuer).await.remove(0);
    let path = format!("/managers/8/assets/{uuid}");
    issuer.put(&format!("{path}/add")).await;
    let taken = issuer.put(&format!("{path}/remove")).await.json();
    assert_eq!(taken["assets"], json!([]));
    issuer.put(&format!("{path}/add")).await;
    let taken = issuer.post(&format!("{path}/remove"), &json!(null)).await;
    assert_eq!((taken.status.as_u16(), taken.body.len()), (200, 0));
    assert_eq!(assets(&mut manager).await, [""; 0]);
}

#[tokio::test]
async fn what_is_the_issuers_business_is_refused_to_a_manager() {
    let sandbox = Sandbox::builder().in_memory();
    let (mut issuer, mut manager) = issuer_and_manager(&sandbox).await;
    let text = "You do not have permission to perform this action.";
    for (method, path) in [
        ("GET", "/managers"),
        ("GET", "/managers/8"),
        ("PUT", "/managers/8/lock"),
        ("POST", "/managers/8/change-password"),
        ("POST", "/managers/create"),
        ("POST", "/categories/add"),
        ("POST", "/assets/issue"),
        ("DELETE", "/registered_users/1/delete"),
    ] {
        let answer = manager.send(method, path, "{}").await.unwrap();
        let expected = json!({ "detail": text });
        assert_eq!(refusal(&answer), (403, expected), "{method} {path}");
    }
    let user = manager
        .post("/registered_users/add", &json!({ "name": "Jane" }))
        .await;
    assert_eq!(
        (user.status.as_u16(), &user.json()["creator"]),
        (201, &json!(8))
    );
    assert_eq!(issuer.get("/managers/me").await.status, 404);
}

#[tokio::test]
async fn a_lock_stops_a_manager_that_is_logged_in() {
    let sandbox = Sandbox::builder().in_memory();
    let (mut issuer, mut manager) = issuer_and_manager(&sandbox).await;
    issuer.put("/managers/8/lock").await;
    let stopped = manager.get("/assets").await;
    let expected = json!({ "detail": "User inactive or deleted." });
    assert_eq!(refusal(&stopped), (401, expected));
    issuer.put("/managers/8/unlock").await;
    assert_eq!(manager.get("/assets").await.status, 200);
}

#[tokio::test]
async fn a_changed_password_ends_the_old_tokens_of_that_account_alone() {
    let sandbox = Sandbox::builder().in_memory();
    let (mut issuer, mut manager) = issuer_and_manager(&sandbox).await;
    let other = issuer.log_in().await;
    let changed = issuer
        .post("/user/change-password", &json!({ "password": "second" }))
        .await
        .json();
    assert_eq!(
        (&changed["username"], &changed["password"]),
        (&json!(DEFAULT_USERNAME), &json!("second"))
    );
    assert_eq!(issuer.get("/assets").await.status, 401);
    issuer.use_token(other);
    assert_eq!(issuer.get("/assets").await.status, 401);
    issuer.use_token(changed["token"].as_str().unwrap());
    assert_eq!(issuer.get("/assets").await.status, 200);
    assert_eq!(manager.get("/assets").await.status, 200);
    let old = obtain(&mut issuer, DEFAULT_USERNAME, amp_sandbox::DEFAULT_PASSWORD).await;
    assert_eq!(old.status, 400);
    let new = obtain(&mut issuer, DEFAULT_USERNAME, "second").await;
    assert_eq!(new.status, 200);
    sandbox.reset();
    issuer.log_in().await;
}

#[tokio::test]
async fn the_issuer_sets_the_password_of_a_manager_and_keeps_its_own_token() {
    let sandbox = Sandbox::builder().in_memory();
    let (mut issuer, mut manager) = issuer_and_manager(&sandbox).await;
    let path = "/managers/8/change-password";
    let missing = issuer.post(path, &json!({})).await;
    let expected = json!({ "password": ["This field is required."] });
    assert_eq!(refusal(&missing), (400, expected));
    let changed = issuer.post(path, &json!({ "password": "second" })).await;
    let changed = changed.json();
    assert_eq!(changed["username"], "mary");
    assert_eq!(manager.get("/assets").await.status, 401);
    manager.use_token(changed["token"].as_str().unwrap());
    assert_eq!(manager.get("/managers/me").await.json()["id"], 8);
    assert_eq!(issuer.get("/managers").await.status, 200);
}

#[tokio::test]
async fn a_manager_changes_its_own_password() {
    let sandbox = Sandbox::builder().in_memory();
    let (_, mut manager) = issuer_and_manager(&sandbox).await;
    let changed = manager
        .post("/user/change-password", &json!({ "password": "second" }))
        .await
        .json();
    assert_eq!(changed["username"], "mary");
    assert_eq!(manager.get("/assets").await.status, 401);
    assert_eq!(obtain(&mut manager, "mary", "second").await.status, 200);
    assert_eq!(obtain(&mut manager, "mary", "first").await.status, 400);
}

#[tokio::test]
async fn a_login_that_reuses_tokens_keeps_accounts_apart() {
    let sandbox = Sandbox::builder().reuse_token_on_login().in_memory();
    let (mut issuer, mut manager) = issuer_and_manager(&sandbox).await;
    let again = obtain(&mut manager, "mary", "first").await.json();
    assert_eq!(again["token"].as_str(), manager.token());
    let again = issuer.log_in().await;
    assert_eq!(Some(again.as_str()), issuer.token());
}

#[tokio::test]
async fn managers_and_their_assets_have_to_exist() {
    let sandbox = Sandbox::builder().in_memory();
    let (mut issuer, _) = issuer_and_manager(&sandbox).await;
    let uuid = assets(&mut issuer).await.remove(0);
    for path in [
        "/managers/9/lock".to_owned(),
        "/managers/9/unlock".to_owned(),
        format!("/managers/9/assets/{uuid}/add"),
        format!("/managers/9/assets/{uuid}/remove"),
        "/managers/8/assets/unknown-uuid/add".to_owned(),
        "/managers/8/assets/unknown-uuid/remove".to_owned(),
    ] {
        assert_eq!(issuer.put(&path).await.status, 404, "{path}");
    }
    let body = json!({ "password": "second" });
    let unknown = issuer.post("/managers/9/change-password", &body).await;
    assert_eq!(unknown.status, 404);
    assert_eq!(issuer.get("/managers/9").await.status, 404);
}
