//! A store on Redis that the environment names, without a server.

use std::ffi::OsString;
use std::sync::Arc;

use amp_client::ApiClientBuilder;
use amp_sandbox::Sandbox;

use crate::rig::{everything_in, service};
use crate::settings::with_vars;

/// 32 bytes in base64.
const KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

/// A client whose variables name a server that is not there.
fn without_server(service: &Arc<Sandbox>, key: Option<&str>) -> ApiClientBuilder {
    let url = "unix:///nowhere/redis.sock?user=alice&pass=hunter2";
    let mut vars = vec![
        ("AMP_TOKEN_PERSISTENCE", OsString::from("true")),
        ("AMP_TOKEN_STORE", url.into()),
    ];
    vars.extend(key.map(|key| ("TOKEN_STORE_KEY", key.into())));
    with_vars(service, vars).base_url(service.base_url())
}

// A-38, C-30
#[tokio::test(start_paused = true)]
async fn while_redis_is_away_every_call_has_its_token() {
    let service = service();
    let client = without_server(&service, Some(KEY)).build().await.unwrap();
    client.get_assets().await.unwrap();
    client.get_assets().await.unwrap();
    assert_eq!(service.count("POST", "/user/obtain_token"), 1);
    assert!(client.persists_tokens());
    assert_eq!(client.token_file(), None);
    let error = client.clear_token().await.unwrap_err();
    let shown = everything_in(&error);
    assert!(
        shown.contains("Redis") && !shown.contains("hunter2"),
        "{shown}"
    );
}

// A key that is made on this host would be of no use to the others.
#[tokio::test(start_paused = true)]
async fn a_client_that_is_given_no_key_for_redis_is_refused() {
    let error = without_server(&service(), None).build().await.unwrap_err();
    let shown = everything_in(&error);
    assert!(shown.contains("TOKEN_STORE_KEY_FILE"), "{shown}");
    assert!(!shown.contains("hunter2"), "{shown}");
}
