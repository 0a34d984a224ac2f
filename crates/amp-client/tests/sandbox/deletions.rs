//! Deleting what an earlier try of the same call may have deleted.

use std::time::Duration;

use amp_client::{AddCategory, ApiClient, Error, ErrorKind};

use crate::rig::{client, inject, service};

async fn some_category(client: &ApiClient) -> i64 {
    let category = AddCategory {
        name: "Accredited".into(),
        description: None,
    };
    client.add_category(&category).await.unwrap().id
}

// W-A11: a try whose answer is lost is repeated, and the repetition finds nothing.
#[tokio::test(start_paused = true)]
async fn a_deletion_that_an_earlier_try_of_the_call_made_is_a_success() {
    for fault in ["reset-after", "stall-after"] {
        let service = service();
        let client = client(&service).await;
        let id = some_category(&client).await;
        inject(&service, &[&format!("DELETE /categories/*/delete={fault}")]);
        client.delete_category(id).await.unwrap();
        let path = format!("/categories/{id}/delete");
        assert_eq!(service.count("DELETE", &path), 2, "{fault}");
        assert_eq!(client.get_categories().await.unwrap(), [], "{fault}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_deletion_of_what_was_not_there_before_is_an_error() {
    let service = service();
    let client = client(&service).await;
    let error = client.delete_category(7).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
    assert_eq!(service.count("DELETE", "/categories/7/delete"), 1);
}

// a limit and a rejected token are tries that certainly did nothing.
#[tokio::test(start_paused = true)]
async fn a_deletion_whose_earlier_tries_certainly_did_nothing_is_an_error() {
    for limited in [true, false] {
        let service = service();
        let client = client(&service).await;
        client.get_categories().await.unwrap();
        if limited {
            inject(&service, &["DELETE /categories/*/delete=429:1"]);
        } else {
            // A token that is rejected right after it came is not renewed.
            tokio::time::advance(Duration::from_secs(60)).await;
            service.revoke_tokens();
        }
        let error = client.delete_category(7).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound, "{limited}: {error}");
        assert_eq!(service.count("DELETE", "/categories/7/delete"), 2);
    }
}

// W-A11: nothing but a deletion is done because it finds nothing.
#[tokio::test(start_paused = true)]
async fn another_request_that_finds_nothing_fails_whatever_happened_before() {
    let service = service();
    let client = client(&service).await;
    inject(&service, &["PUT /managers/*/lock=503"]);
    let error = client.lock_manager(7).await.unwrap_err();
    assert!(matches!(error, Error::Api(_)), "{error:?}");
    assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
    assert_eq!(service.count("PUT", "/managers/7/lock"), 2);
}
