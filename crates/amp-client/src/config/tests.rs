use std::time::Duration;

use super::*;

fn lookup<'a>(pairs: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<OsString> + 'a {
    |name| {
        let found = pairs.iter().find(|(key, _)| *key == name);
        found.map(|(_, value)| (*value).into())
    }
}

fn problems(pairs: &[(&str, &str)]) -> Vec<String> {
    let error = Config::from_vars(lookup(pairs)).unwrap_err();
    error.problems().map(str::to_owned).collect()
}

//
#[test]
fn nothing_set_gives_the_test_service_and_the_defaults() {
    let config = Config::from_vars(|_| None).unwrap();
    assert_eq!(config.base_url().to_string(), DEFAULT_BASE_URL);
    assert_eq!(config.retry(), &RetryConfig::default());
    assert_eq!(config.token_file(), None);
    assert_eq!(config.persistence(), Persistence::Unasked);
    assert_eq!(Config::builder().build().unwrap(), config);
}

// the names of the seed stay, and set ones are kept one by one.
#[test]
fn each_variable_is_read_by_itself() {
    let config = Config::from_vars(lookup(&[
        ("AMP_API_BASE_URL", " https://amp.example/api/ "),
        ("API_RETRY_MAX_ATTEMPTS", "5"),
        ("API_REQUEST_TIMEOUT_SECONDS", ""),
        ("AMP_TOKEN_FILE", "/tmp/t.json"),
        ("AMP_TOKEN_PERSISTENCE", "On"),
    ]))
    .unwrap();
    assert_eq!(config.base_url().to_string(), "https://amp.example/api");
    assert_eq!(config.retry().max_attempts(), 5);
    assert_eq!(config.retry().timeout(), Duration::from_secs(10));
    assert_eq!(config.token_file(), Some(Path::new("/tmp/t.json")));
    assert_eq!(config.persistence(), Persistence::Wanted);
}

// fails closed, with everything that is wrong.
#[test]
fn every_bad_variable_is_named_at_once_with_what_it_accepts() {
    let found = problems(&[
        ("AMP_API_BASE_URL", "ftp://me:hunter2@amp.example"),
        ("AMP_ALLOW_LIVE", "hunter2"),
        ("AMP_TOKEN_PERSISTENCE", "maybe"),
        ("API_RETRY_MAX_ATTEMPTS", "0"),
        ("API_RETRY_BASE_DELAY_MS", "abc"),
    ]);
    let names = [
        "AMP_ALLOW_LIVE",
        "AMP_API_BASE_URL",
        "API_RETRY_BASE_DELAY_MS",
        "API_RETRY_MAX_ATTEMPTS",
        "AMP_TOKEN_PERSISTENCE",
    ];
    assert_eq!(found.len(), names.len(), "{found:#?}");
    for (problem, name) in found.iter().zip(names) {
        assert!(
            problem.starts_with(&format!("Invalid {name}: ")),
            "{problem}"
        );
    }
    let all = found.join("\n");
    assert!(
        all.contains("true, 1, yes, on or false, 0, no, off"),
        "{all}"
    );
    assert!(!all.contains("hunter2"), "{all}");
}

// every word of X-08 counts, in any case, and nothing else does.
#[test]
fn truth_values_are_read_in_any_case() {
    for text in ["true", "TRUE", "1", "Yes", " on "] {
        let config = Config::from_vars(lookup(&[("AMP_TOKEN_PERSISTENCE", text)])).unwrap();
        assert_eq!(config.persistence(), Persistence::Wanted, "{text}");
    }
    for text in ["false", "FALSE", "0", "No", "off"] {
        let config = Config::from_vars(lookup(&[("AMP_TOKEN_PERSISTENCE", text)])).unwrap();
        assert_eq!(config.persistence(), Persistence::Never, "{text}");
    }
    for text in ["2", "ja", "true!"] {
        assert_eq!(
            problems(&[("AMP_TOKEN_PERSISTENCE", text)]).len(),
            1,
            "{text}"
        );
    }
}

// real money needs an explicit yes.
#[test]
fn the_live_service_needs_an_explicit_yes() {
    let live = "https://amp.blockstream.com/api";
    let hosts = [
        live,
        "https://AMP.blockstream.com./api",
        "http://amp.blockstream.com:8080",
    ];
    for url in hosts {
        let found = problems(&[("AMP_API_BASE_URL", url)]);
        assert!(found[0].contains("AMP_ALLOW_LIVE=true"), "{found:?}");
        let error = Config::builder().base_url(url).build().unwrap_err();
        assert!(error.to_string().contains("AMP_ALLOW_LIVE=true"), "{error}");
    }
    let pairs = [("AMP_API_BASE_URL", live), ("AMP_ALLOW_LIVE", "true")];
    assert!(Config::from_vars(lookup(&pairs)).is_ok());
    assert!(
        Config::builder()
            .base_url(live)
            .allow_live(true)
            .build()
            .is_ok()
    );
    let pairs = [("AMP_API_BASE_URL", live), ("AMP_ALLOW_LIVE", "no")];
    assert_eq!(problems(&pairs).len(), 1);
}

#[test]
fn a_setting_from_code_comes_before_its_variable_even_a_bad_one() {
    let pairs = [
        ("AMP_API_BASE_URL", "nonsense"),
        ("API_RETRY_MAX_ATTEMPTS", "x"),
    ];
    let config = Config::builder()
        .base_url("https://amp.example")
        .retry(RetryConfig::for_tests())
        .token_file("mine.json")
        .build_with_vars(lookup(&pairs))
        .unwrap();
    assert_eq!(config.base_url().to_string(), "https://amp.example");
    assert_eq!(config.retry(), &RetryConfig::for_tests());
    assert_eq!(config.token_file(), Some(Path::new("mine.json")));
}

// W-A32
#[cfg(unix)]
#[test]
fn bytes_that_are_no_text_are_an_error_and_not_the_default() {
    use std::os::unix::ffi::OsStringExt as _;

    let names = [
        "AMP_USERNAME",
        "AMP_PASSWORD",
        "AMP_API_BASE_URL",
        "AMP_ALLOW_LIVE",
        "AMP_TOKEN_PERSISTENCE",
        "API_RETRY_MAX_ATTEMPTS",
    ];
    for bad in names {
        let bytes = |name: &str| (name == bad).then(|| OsString::from_vec(vec![0xff, b'x']));
        let error = Config::from_vars(bytes).unwrap_err();
        let expected = format!("Invalid {bad}: ");
        assert!(
            error
                .problems()
                .all(|problem| problem.starts_with(&expected)),
            "{error}"
        );
    }
}

#[cfg(feature = "proxy")]
#[test]
fn proxy_and_authorities_come_from_code_or_from_the_variables() {
    let set = lookup(&[
        ("HTTPS_PROXY", "http://user:hunter2@proxy.example:3128"),
        ("NO_PROXY", "amp.example"),
        ("AMP_CA_FILE", "/etc/authority.pem"),
    ]);
    let from_vars = Config::from_vars(&set).unwrap();
    let proxy = transport::Proxy::new("http://user:hunter2@proxy.example:3128").unwrap();
    let from_code = Config::builder()
        .proxy(proxy.except("amp.example"))
        .ca_file("/etc/authority.pem");
    assert_eq!(from_code.clone().build().unwrap(), from_vars);
    for shown in [format!("{from_code:?}"), format!("{from_vars:?}")] {
        assert!(shown.contains("proxy.example"), "{shown}");
        assert!(!shown.contains("hunter2"), "{shown}");
    }
    let direct = Config::builder().proxy(None).build_with_vars(&set).unwrap();
    let expected = Config::builder().ca_file("/etc/authority.pem");
    assert_eq!(direct, expected.build().unwrap());
}

//
#[test]
fn a_proxy_that_cannot_be_used_is_named_with_the_rest() {
    let found = problems(&[
        ("AMP_ALLOW_LIVE", "hunter2"),
        ("ALL_PROXY", "socks5://user:hunter2@proxy.example"),
    ]);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(
        found[1].starts_with("Invalid ALL_PROXY: expected http://"),
        "{found:?}"
    );
    assert!(!found.concat().contains("hunter2"), "{found:?}");
}

//
#[test]
fn a_store_is_chosen_by_its_word_and_code_comes_first() {
    let chosen = |text: &'static str| {
        let config = Config::from_vars(|name| (name == "AMP_TOKEN_STORE").then(|| text.into()));
        config.map(|config| config.store().cloned())
    };
    assert_eq!(chosen(" "), Ok(None));
    assert_eq!(chosen(" encrypted "), Ok(Some(StoreKind::Encrypted)));
    let error = chosen("hunter2").unwrap_err().to_string();
    assert!(
        error.starts_with("Invalid AMP_TOKEN_STORE: expected memory"),
        "{error}"
    );
    assert!(!error.contains("hunter2"), "{error}");
    let code = Config::builder().store(StoreKind::Memory);
    let config = code.build_with_vars(|name| (name == "AMP_TOKEN_STORE").then(|| "x".into()));
    assert_eq!(config.unwrap().store(), Some(&StoreKind::Memory));
}

//
#[test]
fn an_address_of_redis_is_read_from_its_variable_and_its_password_is_shown_nowhere() {
    let read = |text: &'static str| {
        Config::from_vars(|name| (name == "AMP_TOKEN_STORE").then(|| text.into()))
    };
    let good = " rediss://amp:hunter2@redis.example/1 ";
    if cfg!(feature = "redis") {
        let config = read(good).unwrap();
        let shown = format!("{config:?}");
        assert!(!shown.contains("hunter2"), "{shown}");
        let store = config.store().unwrap();
        assert_eq!(store.to_string(), "rediss://redis.example:6379/1");
    } else {
        let error = read(good).unwrap_err().to_string();
        let expected = "Invalid AMP_TOKEN_STORE: this program is built without Redis";
        assert!(error.starts_with(expected), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
    }
    for (bad, why) in [
        ("redis://:hunter2@redis.example", "needs TLS"),
        (
            "rediss://redis.example/hunter2",
            "a part that it cannot have",
        ),
        ("http://:hunter2@redis.example", "expected memory"),
    ] {
        let error = read(bad).unwrap_err().to_string();
        assert!(error.contains(why) && !error.contains("hunter2"), "{error}");
    }
}

// a choice in code is refused as one of the environment is.
#[cfg(not(feature = "redis"))]
#[test]
fn a_client_without_redis_refuses_it_from_code_too() {
    let redis = "redis://localhost".parse().unwrap();
    let error = Config::builder().store(redis).build().unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("Invalid store: this program is built without"),
        "{text}"
    );
}

// A-14, W-A08: there is no variable that dumps requests.
#[test]
fn no_other_variable_is_read() {
    let asked = std::cell::RefCell::new(std::collections::BTreeSet::new());
    let config = Config::from_vars(|name| {
        asked.borrow_mut().insert(name.to_owned());
        None
    });
    assert!(config.is_ok());
    let asked: Vec<_> = asked.into_inner().into_iter().collect();
    assert_eq!(
        asked,
        [
            "ALL_PROXY",
            "AMP_ALLOW_LIVE",
            "AMP_API_BASE_URL",
            "AMP_CA_FILE",
            "AMP_PASSWORD",
            "AMP_TESTS",
            "AMP_TOKEN_FILE",
            "AMP_TOKEN_PERSISTENCE",
            "AMP_TOKEN_STORE",
            "AMP_USERNAME",
            "API_REQUEST_TIMEOUT_SECONDS",
            "API_RETRY_BASE_DELAY_MS",
            "API_RETRY_MAX_ATTEMPTS",
            "API_RETRY_MAX_DELAY_MS",
            "HTTPS_PROXY",
            "all_proxy",
            "https_proxy",
        ]
    );
}

//
#[test]
fn debug_output_of_a_builder_hides_what_an_address_may_carry() {
    let debug = |url: &str| format!("{:?}", Config::builder().base_url(url));
    for url in [
        "https://me:hunter2@amp.example/api",
        "https://amp.example/api?key=hunter2",
    ] {
        assert!(!debug(url).contains("hunter2"), "{}", debug(url));
    }
    let fine = debug("https://amp.example/api");
    assert!(fine.contains("amp.example"), "{fine}");
}
