//! What a client of the embedded service meets when nothing goes wrong on the wire.

use crate::client::{Client, issuance, seconds};
use amp_sandbox::{RateLimit, Sandbox};
use serde_json::{Value, json};

#[tokio::test]
async fn a_login_answers_a_token_and_nothing_else() {
    let sandbox = Sandbox::builder().in_memory();
    let mut client = Client::connect(&sandbox).await;
    let body = json!({ "username": "sandbox_user", "password": "sandbox_pass" });
    let answer = client.post("/user/obtain_token", &body).await.json();
    let keys: Vec<&String> = answer.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["token"]);
    assert_eq!(answer["token"].as_str().unwrap().len(), 40);
    assert_eq!(sandbox.count("POST", "/user/obtain_token"), 1);
}

#[tokio::test]
async fn wrong_credentials_are_a_bad_request() {
    let sandbox = Sandbox::builder().credentials("ann", "right").in_memory();
    let mut client = Client::connect(&sandbox).await;
    for (username, password) in [("ann", "wrong"), ("bob", "right")] {
        let answer = client
            .post(
                "/user/obtain_token",
                &json!({ "username": username, "password": password }),
            )
            .await;
        assert_eq!(answer.status, 400);
        let text = "Unable to log in with provided credentials.";
        assert_eq!(answer.json(), json!({ "non_field_errors": [text] }));
    }
    let right = client
        .post(
            "/user/obtain_token",
            &json!({ "username": "ann", "password": "right" }),
        )
        .await;
    assert_eq!(right.status, 200);
}

#[tokio::test]
async fn a_login_may_be_a_form() {
    let sandbox = Sandbox::builder().credentials("ann", "r&d+ 1").in_memory();
    let mut client = Client::connect(&sandbox).await;
    for (form, status) in [
        ("username=ann&password=r%26d%2B+1", 200),
        ("username=ann&password=wrong", 400),
        ("username=ann", 400),
    ] {
        let request = http::Request::post("/api/user/obtain_token")
            .header("host", "localhost")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form.into())
            .unwrap();
        let answer = client.send_raw(request).await.unwrap();
        assert_eq!(answer.status, status, "{form}");
    }
}

#[tokio::test]
async fn any_credentials_but_empty_ones_can_be_accepted() {
    let sandbox = Sandbox::builder().accept_any_credentials().in_memory();
    let mut client = Client::connect(&sandbox).await;
    let anyone = client
        .post(
            "/user/obtain_token",
            &json!({ "username": "who", "password": "ever" }),
        )
        .await;
    assert_eq!(anyone.status, 200);
    let empty = client
        .post(
            "/user/obtain_token",
            &json!({ "username": "", "password": null }),
        )
        .await;
    let expected = json!({
        "username": ["This field may not be blank."],
        "password": ["This field may not be null."],
    });
    assert_eq!((empty.status.as_u16(), empty.json()), (400, expected));
}

#[tokio::test]
async fn a_missing_or_wrong_token_is_refused_in_the_words_of_the_framework() {
    let sandbox = Sandbox::builder().in_memory();
    let mut client = Client::connect(&sandbox).await;
    let missing = client.get("/assets").await;
    assert_eq!(
        (missing.status.as_u16(), missing.header("www-authenticate")),
        (401, Some("Token"))
    );
    assert_eq!(
        missing.json(),
        json!({ "detail": "Authentication credentials were not provided." })
    );
    client.use_token("0".repeat(40));
    let wrong = client.get("/assets").await;
    assert_eq!(
        (wrong.status.as_u16(), wrong.header("www-authenticate")),
        (401, Some("Token"))
    );
    assert_eq!(wrong.json(), json!({ "detail": "Invalid token." }));
}

#[tokio::test]
async fn a_wrong_token_can_be_refused_with_403_and_no_challenge() {
    let sandbox = Sandbox::builder().reject_tokens_with_403().in_memory();
    let mut client = Client::connect(&sandbox).await;
    client.use_token("0".repeat(40));
    let wrong = client.get("/assets").await;
    assert_eq!(
        (wrong.status.as_u16(), wrong.header("www-authenticate")),
        (403, None)
    );
    assert_eq!(wrong.json(), json!({ "detail": "Invalid token." }));
}

#[tokio::test]
async fn info_needs_no_token_and_the_changelog_takes_one() {
    let sandbox = Sandbox::builder().in_memory();
    let mut client = Client::connect(&sandbox).await;
    assert_eq!(client.get("/info").await.json()["version"], "0.1.13");
    assert_eq!(client.get("/changelog").await.status, 200);
    client.use_token("0".repeat(40));
    assert_eq!(client.get("/info").await.status, 200);
    assert_eq!(client.get("/changelog").await.status, 401);
    let token = client.log_in().await;
    client.use_token(token);
    assert_eq!(client.get("/changelog").await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn a_token_ends_when_its_lifetime_has_passed() {
    let sandbox = Sandbox::builder().token_ttl(seconds(3600)).in_memory();
    let mut client = Client::logged_in(&sandbox).await;
    tokio::time::advance(seconds(3599)).await;
    assert_eq!(client.get("/assets").await.status, 200);
    tokio::time::advance(seconds(1)).await;
    assert_eq!(
        client.get("/assets").await.json(),
        json!({ "detail": "Invalid token." })
    );
    assert_eq!(
        client.get("/user/refresh-token").await.status,
        401,
        "an ended token is not refreshed"
    );
}

#[tokio::test(start_paused = true)]
async fn a_refresh_answers_a_new_token_and_the_old_one_lives_on() {
    let sandbox = Sandbox::builder().token_ttl(seconds(3600)).in_memory();
    let mut client = Client::logged_in(&sandbox).await;
    tokio::time::advance(seconds(1800)).await;
    let token = client.get("/user/refresh-token").await.json()["token"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_ne!(Some(token.as_str()), client.token());
    assert_eq!(client.get("/assets").await.status, 200);
    tokio::time::advance(seconds(1800)).await;
    assert_eq!(client.get("/assets").await.status, 401);
    client.use_token(token);
    assert_eq!(client.get("/assets").await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn a_refresh_can_restart_the_same_token() {
    let sandbox = Sandbox::builder()
        .token_ttl(seconds(3600))
        .reuse_token_on_refresh()
        .in_memory();
    let mut client = Client::logged_in(&sandbox).await;
    tokio::time::advance(seconds(1800)).await;
    assert_eq!(
        client.get("/user/refresh-token").await.json()["token"].as_str(),
        client.token()
    );
    tokio::time::advance(seconds(3599)).await;
    assert_eq!(client.get("/assets").await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn a_login_can_answer_the_same_token_whose_clock_goes_on() {
    let sandbox = Sandbox::builder()
        .token_ttl(seconds(3600))
        .reuse_token_on_login()
        .in_memory();
    let mut client = Client::logged_in(&sandbox).await;
    tokio::time::advance(seconds(1800)).await;
    let again = client.log_in().await;
    assert_eq!(Some(again.as_str()), client.token());
    tokio::time::advance(seconds(1800)).await;
    assert_eq!(client.get("/assets").await.status, 401);
    assert_ne!(client.log_in().await, again);
}

#[tokio::test]
async fn revoked_tokens_are_refused_and_a_new_login_works() {
    let sandbox = Sandbox::builder().in_memory();
    let mut client = Client::logged_in(&sandbox).await;
    let other = client.log_in().await;
    assert_eq!(sandbox.revoke_tokens(), 2);
    assert_eq!(client.get("/assets").await.status, 401);
    client.use_token(other);
    assert_eq!(client.get("/assets").await.status, 401);
    let token = client.log_in().await;
    client.use_token(token);
    assert_eq!(client.get("/assets").await.status, 200);
    sandbox.expire_tokens();
    assert_eq!(client.get("/assets").await.status, 401);
}

#[tokio::test]
async fn the_same_seed_has_the_same_assets() {
    let mut lists = Vec::new();
    for seed in [7, 7, 8] {
        let sandbox = Sandbox::builder().seed(seed).in_memory();
        let mut client = Client::logged_in(&sandbox).await;
        lists.push(client.get("/assets").await.json());
        assert_eq!(client.get("/assets/").await.json(), lists[lists.len() - 1]);
    }
    assert_eq!(lists[0].as_array().unwrap().len(), 3);
    assert_eq!(lists[0], lists[1]);
    assert_ne!(lists[0], lists[2]);
}

#[tokio::test]
async fn an_issue_adds_an_asset_each_time() {
    let sandbox = Sandbox::builder().in_memory();
    let mut client = Client::logged_in(&sandbox).await;
    let mut request = issuance();
    request["is_reissuable"] = json!(true);
    request["reissuance_address"] = json!("vjU8reissuance");
    let first = client.post("/assets/issue", &request).await;
    let second = client.post("/assets/issue", &request).await;
    assert_eq!((first.status.as_u16(), second.status.as_u16()), (201, 201));
    let (first, second) = (first.json(), second.json());
    assert_ne!(first["asset_uuid"], second["asset_uuid"]);
    for (key, value) in request.as_object().unwrap() {
        assert_eq!(first[key], *value, "{key}");
    }
    assert_eq!((sandbox.asset_count(), sandbox.issued_count()), (5, 2));
    let asset = client
        .get(&format!(
            "/assets/{}",
            first["asset_uuid"].as_str().unwrap()
        ))
        .await
        .json();
    for key in [
        "name",
        "asset_id",
        "reissuance_token_id",
        "ticker",
        "pubkey",
    ] {
        assert_eq!(asset[key], first[key], "{key}");
    }
}

#[tokio::test]
async fn a_refused_issue_adds_nothing() {
    let sandbox = Sandbox::builder().in_memory();
    let mut client = Client::logged_in(&sandbox).await;
    let answer = client.post("/assets/issue", &json!({ "name": "ab" })).await;
    assert_eq!(answer.status, 400);
    assert_eq!(
        answer.json()["name"],
        json!(["Ensure this field has at least 5 characters."])
    );
    assert_eq!(answer.json()["amount"], json!(["This field is required."]));
    let broken = client
        .send("POST", "/assets/issue", "{\"name\": ")
        .await
        .unwrap();
    assert_eq!(
        broken.json(),
        json!({ "detail": "JSON parse error - line 1 column 9" })
    );
    assert_eq!((sandbox.asset_count(), sandbox.issued_count()), (3, 0));
}

#[tokio::test]
async fn a_lock_stays_until_it_is_undone() {
    let sandbox = Sandbox::builder().in_memory();
    let mut client = Client::logged_in(&sandbox).await;
    let uuid = client.get("/assets").await.json()[0]["asset_uuid"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(
        client.put(&format!("/assets/{uuid}/lock")).await.json()["is_locked"],
        true
    );
    assert_eq!(
        client.get(&format!("/assets/{uuid}")).await.json()["is_locked"],
        true
    );
    assert_eq!(
        client.put(&format!("/assets/{uuid}/unlock")).await.json()["is_locked"],
        false
    );
    assert_eq!(
        client.get(&format!("/assets/{uuid}")).await.json()["is_locked"],
        false
    );
}

#[tokio::test]
async fn what_is_not_there_and_what_is_not_allowed_is_said() {
    let sandbox = Sandbox::builder().in_memory();
    let mut client = Client::logged_in(&sandbox).await;
    for path in [
        "/nothing",
        "/assets/unknown-uuid",
        "/info/",
        "//info",
        "",
        "/user/refresh_token",
    ] {
        let answer = client.get(path).await;
        assert_eq!(
            (answer.status.as_u16(), answer.json()),
            (404, json!({ "detail": "Not found." })),
            "{path}"
        );
    }
    let answer = client.put("/assets/unknown-uuid/lock").await;
    assert_eq!(answer.status, 404);
    let answer = client.post("/user/refresh-token", &json!({})).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("allow")),
        (405, Some("GET"))
    );
    assert_eq!(
        answer.json(),
        json!({ "detail": "Method \"POST\" not allowed." })
    );
}

#[tokio::test(start_paused = true)]
async fn requests_are_recorded_in_order_and_without_their_query() {
    let sandbox = Sandbox::builder().in_memory();
    let mut client = Client::logged_in(&sandbox).await;
    tokio::time::advance(seconds(2)).await;
    client.get("/assets/?secret=1").await;
    client.get("/nothing").await;
    let records = sandbox.requests();
    let rows: Vec<_> = records
        .iter()
        .map(|record| (record.method(), record.path(), record.status()))
        .collect();
    let expected = [
        ("POST", "/user/obtain_token", Some(200)),
        ("GET", "/assets/", Some(200)),
        ("GET", "/nothing", Some(404)),
    ];
    assert_eq!(rows, expected);
    assert_eq!(records[1].at(), seconds(2));
    assert_eq!((sandbox.total(), sandbox.count("GET", "/assets")), (3, 1));
    sandbox.clear_requests();
    assert_eq!(sandbox.total(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_waits_as_told_is_within_the_rate_limit() {
    let sandbox = Sandbox::builder()
        .rate_limit(RateLimit::per_second(2))
        .in_memory();
    let mut client = Client::connect(&sandbox).await;
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(client.get("/info").await.status.as_u16());
    }
    assert_eq!(statuses, [200, 200, 429]);
    let refused = client.get("/info").await;
    assert_eq!(refused.header("retry-after"), Some("1"));
    assert_eq!(
        refused.json(),
        json!({ "detail": "Request was throttled. Expected available in 1 second." })
    );
    tokio::time::advance(seconds(1)).await;
    assert_eq!(client.get("/info").await.status, 200);
    sandbox.set_rate_limit(None);
    for _ in 0..5 {
        assert_eq!(client.get("/info").await.status, 200);
    }
}

#[tokio::test]
async fn debug_output_hides_credentials_and_tokens() {
    let builder = Sandbox::builder().credentials("canary-user", "canary-password");
    let sandbox = builder.clone().in_memory();
    let mut client = Client::connect(&sandbox).await;
    let body = json!({ "username": "canary-user", "password": "canary-password" });
    let answer = client.post("/user/obtain_token", &body).await.json();
    let Value::String(token) = &answer["token"] else {
        panic!("{answer}")
    };
    for debug in [
        format!("{builder:?}"),
        format!("{sandbox:?}"),
        format!("{:?}", sandbox.requests()),
    ] {
        assert!(
            !debug.contains("canary") && !debug.contains(token),
            "{debug}"
        );
    }
}

#[tokio::test]
async fn a_body_above_the_limit_is_refused_and_recorded() {
    let sandbox = Sandbox::builder().in_memory();
    let mut client = Client::connect(&sandbox).await;
    let _ = client
        .send("POST", "/user/obtain_token", vec![b' '; 1024 * 1024 + 1])
        .await;
    assert_eq!(sandbox.requests()[0].status(), Some(413));
}
