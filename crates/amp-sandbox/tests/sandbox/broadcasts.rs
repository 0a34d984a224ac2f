//! Raw transactions.

use serde_json::json;

use crate::issuer::{Issuer, refusal};

#[tokio::test]
async fn the_same_transaction_has_the_same_id_however_often_it_is_broadcast() {
    let mut issuer = Issuer::new().await;
    let client = &mut issuer.client;
    let first = client.post("/tx/broadcast", &json!("0200AB")).await;
    let again = client.post("/tx/broadcast", &json!("0200ab")).await;
    let other = client.post("/tx/broadcast", &json!("0200ac")).await;
    assert_eq!((first.status.as_u16(), &first.json()), (200, &again.json()));
    assert_ne!(first.json()["txid"], other.json()["txid"]);
    let txid = first.json()["txid"].as_str().unwrap().to_owned();
    assert_eq!(
        client.get(&format!("/tx/broadcast/{txid}")).await.json(),
        first.json()
    );
    assert_eq!(client.get("/tx/broadcast/unknown").await.status, 404);
}

#[tokio::test]
async fn what_is_no_hex_is_not_broadcast() {
    let mut issuer = Issuer::new().await;
    for raw in ["", "abc", "zz"] {
        let answer = issuer.client.post("/tx/broadcast", &json!(raw)).await;
        assert_eq!(refusal(&answer), "This is no transaction in hex.", "{raw}");
    }
}
