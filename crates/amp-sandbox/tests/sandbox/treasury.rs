//! The addresses of the treasury.

use serde_json::json;

use crate::issuer::{Issuer, refusal};

#[tokio::test]
async fn addresses_are_added_and_deleted_as_bare_lists() {
    let mut issuer = Issuer::new().await;
    let first = issuer.get("/treasury-addresses").await;
    assert_eq!(first, json!(["vjU8destination", "vjU8reissuance"]));
    let added = json!(["vjU8first", "vjU8second"]);
    assert_eq!(
        issuer.post("/treasury-addresses/add", &added).await.status,
        200
    );
    assert_eq!(
        issuer.get("/treasury-addresses").await,
        json!([
            "vjU8destination",
            "vjU8reissuance",
            "vjU8first",
            "vjU8second"
        ])
    );
    let path = issuer.path("/treasury-addresses/delete");
    let deleted = json!(["vjU8first", "vjU8unknown"]).to_string();
    for _ in 0..2 {
        let answer = issuer.client.send("DELETE", &path, deleted.clone()).await;
        assert_eq!(answer.unwrap().status, 204);
    }
    assert_eq!(
        issuer.get("/treasury-addresses").await,
        json!(["vjU8destination", "vjU8reissuance", "vjU8second"])
    );
}

#[tokio::test]
async fn a_list_with_a_wrong_address_adds_none() {
    let mut issuer = Issuer::new().await;
    let before = issuer.get("/treasury-addresses").await;
    let table = [
        (
            json!(["vjU8new", "vjU8destination"]),
            "The address has already been added.",
        ),
        (
            json!(["vjU8new", "vjU8new"]),
            "The address has already been added.",
        ),
        (json!(["vjU8new", "not an address"]), "Invalid value."),
        (json!(["vjU8new", 7]), "Invalid value."),
        (json!([""]), "Invalid value."),
        (json!([]), "This list may not be empty."),
        (
            json!("vjU8new"),
            "Invalid data. Expected a list, but got str.",
        ),
    ];
    for (body, message) in table {
        let answer = issuer.post("/treasury-addresses/add", &body).await;
        assert_eq!(refusal(&answer), message, "{body}");
    }
    assert_eq!(issuer.get("/treasury-addresses").await, before);
}
