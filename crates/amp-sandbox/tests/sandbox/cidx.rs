//! The service of the CIDX client as its clients see it.

use crate::client::{Answer, Client, seconds};
use amp_sandbox::{DEFAULT_PASSWORD, DEFAULT_USERNAME, JwtAlgorithm, Sandbox};
use serde_json::{Value, json};

async fn log_in(client: &mut Client) -> Value {
    let body = json!({ "username": DEFAULT_USERNAME, "password": DEFAULT_PASSWORD });
    let answer = client.post("/auth/login", &body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

async fn refresh(client: &mut Client, token: &Value) -> Answer {
    let body = json!({ "refresh_token": token });
    client.post("/auth/refresh", &body).await
}

async fn use_pair(client: &mut Client, pair: &Value) -> Answer {
    client.use_bearer(pair["access_token"].as_str().unwrap());
    client.get("/repos").await
}

#[tokio::test(start_paused = true)]
async fn a_login_answers_a_jwt_of_ten_minutes_and_a_refresh_token() {
    let sandbox = Sandbox::builder().cidx().in_memory();
    assert_eq!(sandbox.base_url(), "http://localhost");
    let mut client = Client::connect(&sandbox).await;
    let pair = log_in(&mut client).await;
    assert_eq!(
        (&pair["token_type"], &pair["expires_in"]),
        (&json!("bearer"), &json!(600))
    );
    assert_eq!(pair["user"]["role"], "normal_user");
    assert_eq!(use_pair(&mut client, &pair).await.status, 200);
    tokio::time::advance(seconds(600)).await;
    assert_eq!(use_pair(&mut client, &pair).await.status, 401);
}

#[tokio::test]
async fn a_request_without_a_live_token_is_challenged() {
    let sandbox = Sandbox::builder().cidx().in_memory();
    let mut client = Client::connect(&sandbox).await;
    let missing = client.get("/repos").await;
    assert_eq!(missing.status, 401);
    assert_eq!(missing.header("www-authenticate"), Some("Bearer"));

    let pair = log_in(&mut client).await;
    assert_eq!(use_pair(&mut client, &pair).await.status, 200);
    assert_eq!(sandbox.revoke_tokens(), 1);
    let revoked = client.post("/query", &json!({ "query_text": "x" })).await;
    assert_eq!(revoked.status, 401);
    let challenge = revoked.header("www-authenticate");
    assert_eq!(challenge, Some("Bearer error=\"invalid_token\""));
    assert_eq!(sandbox.count("POST", "/query"), 1);
}

#[tokio::test]
async fn wrong_credentials_are_unauthorized_and_a_missing_field_cannot_be_processed() {
    let sandbox = Sandbox::builder().cidx().in_memory();
    let mut client = Client::connect(&sandbox).await;
    let wrong = json!({ "username": DEFAULT_USERNAME, "password": "wrong" });
    assert_eq!(client.post("/auth/login", &wrong).await.status, 401);
    for half in [
        json!({ "username": "x" }),
        json!([]),
        json!({ "username": 7 }),
    ] {
        assert_eq!(client.post("/auth/login", &half).await.status, 422);
    }
}

#[tokio::test]
async fn a_refresh_token_is_good_for_one_use_and_a_second_one_is_counted() {
    let sandbox = Sandbox::builder().cidx().in_memory();
    let mut client = Client::connect(&sandbox).await;
    let first = log_in(&mut client).await;
    let second = refresh(&mut client, &first["refresh_token"]).await;
    assert_eq!(second.status, 200);
    let second = second.json();
    assert_ne!(second["refresh_token"], first["refresh_token"]);
    assert_eq!(use_pair(&mut client, &second).await.status, 200);

    let replay = refresh(&mut client, &first["refresh_token"]).await;
    let unknown = refresh(&mut client, &json!("unknown")).await;
    assert_eq!(
        (replay.status.as_u16(), unknown.status.as_u16()),
        (401, 401)
    );
    assert_eq!(sandbox.refresh_replays(), 1);

    assert_eq!(sandbox.spend_refresh_tokens(), 1);
    let lost = refresh(&mut client, &second["refresh_token"]).await;
    assert_eq!((lost.status.as_u16(), sandbox.refresh_replays()), (401, 2));
}

#[tokio::test]
async fn faults_records_and_resets_are_those_of_the_other_service() {
    let sandbox = Sandbox::builder()
        .cidx()
        .jwt_algorithm(JwtAlgorithm::Hs256)
        .in_memory();
    let mut client = Client::connect(&sandbox).await;
    sandbox.inject("POST /auth/login=503".parse().unwrap());
    let body = json!({ "username": DEFAULT_USERNAME, "password": DEFAULT_PASSWORD });
    assert_eq!(client.post("/auth/login", &body).await.status, 503);
    let pair = log_in(&mut client).await;
    assert_eq!(sandbox.count("POST", "/auth/login"), 2);
    sandbox.reset();
    assert_eq!(
        refresh(&mut client, &pair["refresh_token"]).await.status,
        401
    );
    assert_eq!(use_pair(&mut client, &pair).await.status, 401);
    assert_eq!(
        sandbox.refresh_replays(),
        0,
        "a reset forgets what was spent"
    );
    assert_eq!(client.get("/assets").await.status, 404);
}
