//! Registering what may be registered already.

use amp_client::{ErrorKind, Registration};

use crate::scripted::{Act, answer, scripted};

const ASSET: &str =
    r#"{"name":"Gold","asset_uuid":"u","issuer":7,"asset_id":"ab","is_registered":true}"#;

// A-70
#[tokio::test(start_paused = true)]
async fn an_asset_that_is_registered_already_is_a_success_without_data() {
    let (client, _) = scripted(|line, _| match line {
        "GET /assets/new/register" => answer(200, ASSET),
        "GET /assets/old/register" => answer(400, r#"{"Error":"Asset Already Registered"}"#),
        _ => answer(400, r#"{"Error":"the domain does not vouch for it"}"#),
    })
    .await;
    let new = client.register_asset("new").await.unwrap();
    assert_eq!(new.asset().unwrap().name, "Gold");
    let old = client.register_asset("old").await.unwrap();
    assert_eq!(old, Registration::AlreadyRegistered);
    let error = client.register_asset("other").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused, "{error}");
}

// A-70, X-24: an answer that was lost is the usual reason to be registered already.
#[tokio::test(start_paused = true)]
async fn a_registration_whose_answer_was_lost_is_repeated_and_succeeds() {
    let (client, book) = scripted(|_, number| match number {
        0 => Act::Lose,
        _ => answer(400, r#"{"Error":"already registered"}"#),
    })
    .await;
    let registration = client.register_asset("u").await.unwrap();
    assert_eq!(registration, Registration::AlreadyRegistered);
    assert_eq!(book.lines().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_asset_that_is_authorized_already_is_read_instead() {
    let (client, book) = scripted(|line, number| match (line, number) {
        ("GET /assets/u/register-authorized", 0) => Act::Lose,
        ("GET /assets/u/register-authorized", _) => {
            answer(400, r#"{"Error":"Asset is already authorized"}"#)
        }
        _ => answer(200, ASSET),
    })
    .await;
    let asset = client.register_asset_authorized("u").await.unwrap();
    assert_eq!(asset.name, "Gold");
    assert_eq!(book.lines().last().unwrap(), "GET /assets/u");
}
