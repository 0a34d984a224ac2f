//! What the environment may decide.

use std::ffi::OsString;
use std::path::Path;

use amp_client::{ApiClient, ApiClientBuilder, Config, ErrorKind, Persistence};
use amp_sandbox::{DEFAULT_PASSWORD, DEFAULT_USERNAME};
use token_manager::PausedClock;

use crate::rig::{service, transport};

/// A client with these variables and the credentials of the service.
pub(crate) fn with_vars(
    service: &std::sync::Arc<amp_sandbox::Sandbox>,
    vars: Vec<(&'static str, OsString)>,
) -> ApiClientBuilder {
    ApiClient::builder()
        .environment(move |name| match name {
            "AMP_USERNAME" => Some(DEFAULT_USERNAME.into()),
            "AMP_PASSWORD" => Some(DEFAULT_PASSWORD.into()),
            _ => vars
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| value.clone()),
        })
        .transport(transport(service))
        .clock(PausedClock::new())
}

fn files_in(directory: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(directory).into_iter().flatten();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

// W-A22: tokens of a mock are never kept, whatever else is set.
#[tokio::test(start_paused = true)]
async fn an_environment_that_looks_like_a_mock_keeps_nothing() {
    let place = tempfile::tempdir().unwrap();
    let service = service();
    let vars = vec![
        ("AMP_API_BASE_URL", OsString::from(service.base_url())),
        ("AMP_TOKEN_PERSISTENCE", "true".into()),
        ("AMP_TESTS", "live".into()),
        ("AMP_TOKEN_FILE", place.path().join("token.json").into()),
        ("XDG_STATE_HOME", place.path().into()),
    ];
    let client = with_vars(&service, vars).build().await.unwrap();
    client.get_assets().await.unwrap();
    assert!(!client.persists_tokens());
    assert_eq!(files_in(place.path()), Vec::<String>::new());
}

// real credentials alone keep nothing.
#[tokio::test(start_paused = true)]
async fn nothing_is_kept_unasked() {
    let place = tempfile::tempdir().unwrap();
    let service = service();
    let vars = vec![
        ("XDG_STATE_HOME", OsString::from(place.path())),
        ("HOME", place.path().into()),
    ];
    let client = with_vars(&service, vars)
        .base_url(service.base_url())
        .build()
        .await
        .unwrap();
    client.get_assets().await.unwrap();
    assert!(!client.persists_tokens());
    assert_eq!(files_in(place.path()), Vec::<String>::new());
}

// a base URL given in code is a choice, not a sign of a mock.
#[tokio::test(start_paused = true)]
async fn a_token_that_is_kept_serves_the_next_client_without_a_login() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("token.json");
    let service = service();
    let vars = || {
        vec![
            ("AMP_TOKEN_PERSISTENCE", OsString::from("true")),
            ("AMP_TOKEN_FILE", file.clone().into()),
        ]
    };
    let first = with_vars(&service, vars())
        .base_url(service.base_url())
        .build()
        .await
        .unwrap();
    assert!(first.persists_tokens());
    assert_eq!(first.strategy().as_str(), "live");
    assert_eq!(first.token_file(), Some(file.as_path()));
    let token = first.get_token().await.unwrap();
    first.close().await;

    let second = with_vars(&service, vars())
        .base_url(service.base_url())
        .build()
        .await
        .unwrap();
    assert_eq!(second.get_token().await.unwrap(), token);
    second.get_assets().await.unwrap();
    assert_eq!(service.count("POST", "/user/obtain_token"), 1);

    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

// C-28
#[cfg(unix)]
#[tokio::test(start_paused = true)]
async fn a_token_is_kept_encrypted_where_that_is_chosen_and_only_its_key_opens_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = tempfile::tempdir().unwrap();
    let [file, key] = ["token.tks", "key"].map(|name| place.path().join(name));
    std::fs::write(&key, format!("{}=", "A".repeat(43))).unwrap();
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    let service = service();
    let build = async |store: &str, key: &std::path::Path| {
        let vars = vec![
            ("AMP_TOKEN_PERSISTENCE", OsString::from("true")),
            ("AMP_TOKEN_FILE", file.clone().into()),
            ("AMP_TOKEN_STORE", store.into()),
            ("TOKEN_STORE_KEY_FILE", key.into()),
        ];
        let client = with_vars(&service, vars).base_url(service.base_url());
        client.build().await
    };
    let first = build("encrypted", &key).await.unwrap();
    let token = first.get_token().await.unwrap();
    assert_eq!(first.token_file(), Some(file.as_path()));
    first.close().await;
    let bytes = std::fs::read(&file).unwrap();
    assert!(!String::from_utf8_lossy(&bytes).contains(token.expose_secret()));

    let second = build("encrypted", &key).await.unwrap();
    assert_eq!(second.get_token().await.unwrap(), token);
    assert_eq!(service.count("POST", "/user/obtain_token"), 1);

    assert!(
        build("encrypted", &place.path().join("none"))
            .await
            .is_err()
    );
    let memory = build("memory", &key).await.unwrap();
    assert!(!memory.persists_tokens());
    assert_eq!(std::fs::read(&file).unwrap(), bytes);
}

// the default place is the user's own, under a name that tells nothing.
#[cfg(all(unix, not(target_os = "macos")))]
#[tokio::test(start_paused = true)]
async fn without_a_named_file_tokens_are_kept_in_the_users_own_place() {
    let place = tempfile::tempdir().unwrap();
    let service = service();
    let vars = vec![("XDG_STATE_HOME", OsString::from(place.path()))];
    let settings = Config::builder()
        .base_url(service.base_url())
        .persistence(Persistence::Wanted);
    let client = with_vars(&service, vars)
        .settings(settings)
        .build()
        .await
        .unwrap();
    client.get_token().await.unwrap();
    let file = client.token_file().unwrap();
    assert_eq!(file.parent().unwrap(), place.path().join("amp"));
    assert!(file.exists());
    let name = file.file_name().unwrap().to_str().unwrap();
    assert!(!name.contains(DEFAULT_USERNAME), "{name}");
}

//
#[tokio::test(start_paused = true)]
async fn cleaning_up_removes_the_file_whatever_the_settings_but_not_in_a_live_environment() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("token.json");
    let service = service();
    let describe = |more: &[(&'static str, &str)]| {
        let more = more
            .iter()
            .map(|(name, value)| (*name, OsString::from(value)));
        let named = ("AMP_TOKEN_FILE", OsString::from(&file));
        let vars = more.chain([named]).collect();
        with_vars(&service, vars).base_url(service.base_url())
    };
    let mock = [
        ("AMP_API_BASE_URL", "http://localhost"),
        ("AMP_TOKEN_PERSISTENCE", "false"),
    ];
    let live = [("AMP_TESTS", "live")];
    describe(&live)
        .build()
        .await
        .unwrap()
        .get_token()
        .await
        .unwrap();
    assert!(file.exists());

    describe(&live).remove_token_file().await.unwrap();
    assert!(file.exists(), "a live environment is left alone");
    for _ in 0..2 {
        describe(&mock).remove_token_file().await.unwrap();
        assert!(!file.exists());
    }
}

// a bad setting is an error before anything else happens.
#[tokio::test(start_paused = true)]
async fn bad_settings_are_named_when_the_client_is_made() {
    let service = service();
    let vars = vec![
        ("AMP_API_BASE_URL", OsString::from("not a url")),
        ("API_RETRY_MAX_ATTEMPTS", "none".into()),
    ];
    let error = with_vars(&service, vars).build().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    let text = error.to_string();
    assert!(
        text.contains("AMP_API_BASE_URL") && text.contains("API_RETRY_MAX_ATTEMPTS"),
        "{text}"
    );
    assert_eq!(service.total(), 0);
}

// real money needs an explicit yes, in code too.
#[tokio::test(start_paused = true)]
async fn the_live_service_is_refused_without_an_explicit_yes() {
    let live = "https://amp.blockstream.com/api";
    let error = ApiClient::builder()
        .base_url(live)
        .build()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(error.to_string().contains("AMP_ALLOW_LIVE"), "{error}");
    let service = service();
    let allowed = ApiClient::builder().base_url(live).allow_live(true);
    assert!(allowed.transport(transport(&service)).build().await.is_ok());
}

// making a client asks nobody.
#[tokio::test(start_paused = true)]
async fn making_a_client_sends_nothing() {
    let service = service();
    let client = with_vars(&service, Vec::new())
        .base_url(service.base_url())
        .build()
        .await;
    client.unwrap();
    assert_eq!(service.total(), 0);
}
