//! What an issuer does with an asset as a whole.

use serde_json::json;

use crate::issuer::{Issuer, refusal};

// the text that a client takes for success
#[tokio::test]
async fn an_asset_is_registered_once_and_says_so_the_second_time() {
    let mut issuer = Issuer::new().await;
    let steps = [
        ("/register", "is_registered", "Asset is already registered"),
        (
            "/register-authorized",
            "is_authorized",
            "Asset is already authorized",
        ),
    ];
    for (path, flag, text) in steps {
        assert_eq!(issuer.get("").await[flag], false);
        assert_eq!(issuer.get(path).await[flag], true);
        let again = issuer.client.get(&issuer.path(path)).await;
        assert_eq!(
            (again.status.as_u16(), again.json()),
            (400, json!({ "Error": text }))
        );
        assert_eq!(issuer.get("").await[flag], true);
    }
}

#[tokio::test]
async fn the_authorization_endpoint_is_all_that_can_be_edited() {
    let mut issuer = Issuer::new().await;
    let before = issuer.get("").await;
    let endpoint = "https://issuer.example/authorize";
    let body = json!({ "issuer_authorization_endpoint": endpoint, "name": "Another name" });
    let path = issuer.path("/edit");
    let answer = issuer.client.put_json(&path, &body).await.json();
    let mut expected = before;
    expected["issuer_authorization_endpoint"] = json!(endpoint);
    assert_eq!(answer, expected);
    assert_eq!(issuer.get("").await, expected);
    let refused = issuer.client.put_json(&path, &json!({})).await;
    let expected = json!({ "issuer_authorization_endpoint": ["This field is required."] });
    assert_eq!((refused.status.as_u16(), refused.json()), (400, expected));
}

#[tokio::test]
async fn a_deleted_asset_is_gone_with_its_assignments() {
    let mut issuer = Issuer::new().await;
    let (ann, _) = issuer.user().await;
    issuer.assign(ann, 100).await;
    issuer.distribution().await;
    let answer = issuer.delete("/delete").await;
    assert_eq!((answer.status.as_u16(), answer.body.len()), (204, 0));
    for path in ["", "/assignments", "/txs"] {
        assert_eq!(issuer.client.get(&issuer.path(path)).await.status, 404);
    }
    assert_eq!(issuer.delete("/delete").await.status, 404);
    assert_eq!(
        (issuer.sandbox.asset_count(), issuer.sandbox.issued_count()),
        (3, 1)
    );
}

#[tokio::test]
async fn a_memo_is_a_bare_text() {
    let mut issuer = Issuer::new().await;
    assert_eq!(issuer.get("/memo").await, "");
    let memo = "a \"quoted\" line\nand a \\ backslash";
    assert_eq!(issuer.post("/memo/set", &json!(memo)).await.status, 200);
    assert_eq!(issuer.get("/memo").await, memo);
    let refused = issuer.post("/memo/set", &json!({ "memo": memo })).await;
    assert_eq!(
        refusal(&refused),
        "Invalid data. Expected a string, but got dict."
    );
    assert_eq!(issuer.get("/memo").await, memo);
}
