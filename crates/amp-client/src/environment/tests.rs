use super::*;

fn lookup<'a>(pairs: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<OsString> + 'a {
    |name| {
        let found = pairs.iter().find(|(key, _)| *key == name);
        found.map(|(_, value)| (*value).into())
    }
}

const REAL: [(&str, &str); 2] = [(USERNAME, "issuer"), (PASSWORD, "hunter2")];

fn with_real<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [more, &REAL].concat()
}

//
#[test]
fn only_the_exact_word_live_means_live_tests() {
    for (text, expected) in [
        ("live", Environment::Live),
        ("LIVE", Environment::Unset),
        (" live", Environment::Unset),
        ("1", Environment::Unset),
        ("", Environment::Unset),
    ] {
        let environment = Environment::from_vars(lookup(&[(TESTS, text)]));
        assert_eq!(environment, expected, "{text:?}");
    }
}

// A-48, W-A21: missing credentials are missing, not a mock.
#[test]
fn the_first_rule_that_fits_names_the_environment() {
    let judge = |pairs: &[(&str, &str)]| Environment::from_vars(lookup(pairs));
    assert_eq!(judge(&REAL), Environment::Live);
    assert_eq!(judge(&[]), Environment::Unset);
    assert_eq!(judge(&REAL[..1]), Environment::Unset);
    assert_eq!(
        judge(&[(USERNAME, "issuer"), (PASSWORD, "  ")]),
        Environment::Unset
    );
    assert_eq!(judge(&[(USERNAME, "mock_user")]), Environment::Mock);
    assert_eq!(
        judge(&[(TESTS, "live"), (USERNAME, "mock_user")]),
        Environment::Live
    );
}

// A-49, W-A21: a rule about whole names and hosts, not about letters in them.
#[test]
fn mocks_are_recognised_by_name_and_host_and_nobody_else_is() {
    let mocks = [
        (USERNAME, "mock_user"),
        (USERNAME, "MOCK_issuer"),
        (PASSWORD, "mock_pass"),
        (BASE_URL, "http://localhost:8080/api"),
        (BASE_URL, "http://amp.localhost/api"),
        (BASE_URL, "http://127.0.0.2/api"),
        (BASE_URL, "http://[::1]:1/api"),
        (BASE_URL, "https://mock.example/api"),
        (BASE_URL, "https://eu.Mock-amp.example/api"),
    ];
    for pair in mocks {
        assert!(
            has_mock_indicators(&lookup(&with_real(&[pair]))),
            "{pair:?}"
        );
    }
    let others = [
        (USERNAME, "smock"),
        (USERNAME, "mock"),
        (PASSWORD, "hammock_"),
        (BASE_URL, "https://hammock.example/api"),
        (BASE_URL, "https://amp.example/mock"),
        (BASE_URL, "https://amp.example/127.0.0.1"),
        (BASE_URL, ""),
    ];
    for pair in others {
        assert!(
            !has_mock_indicators(&lookup(&with_real(&[pair]))),
            "{pair:?}"
        );
    }
}

// the seed's own rule stays at hand for whoever compares.
#[test]
fn the_wide_rule_finds_the_letters_anywhere() {
    let found = [
        (USERNAME, "Smock"),
        (PASSWORD, "HAMMOCK"),
        (BASE_URL, "https://amp.example/mock"),
        (BASE_URL, "https://localhost.example"),
    ];
    for pair in found {
        assert!(contains_mock_words(lookup(&[pair])), "{pair:?}");
    }
    assert!(!contains_mock_words(lookup(&REAL)));
    assert!(!contains_mock_words(lookup(&[(USERNAME, "")])));
}

// W-A22: credentials alone never switch it on, and no can be said.
#[test]
fn tokens_are_kept_only_when_somebody_asks_and_never_those_of_a_mock() {
    let decide = |explicit, pairs: &[(&str, &str)]| Persistence::decide(explicit, &lookup(pairs));
    let mock = with_real(&[(BASE_URL, "http://localhost/api")]);
    let live = with_real(&[(TESTS, "live")]);
    let live_mock = with_real(&[(TESTS, "live"), (BASE_URL, "http://localhost/api")]);
    assert_eq!(decide(None, &REAL), Persistence::Unasked);
    assert_eq!(decide(None, &[]), Persistence::Unasked);
    assert_eq!(decide(Some(true), &REAL), Persistence::Wanted);
    assert_eq!(decide(Some(true), &[]), Persistence::Wanted);
    assert_eq!(decide(None, &live), Persistence::Wanted);
    assert_eq!(decide(Some(false), &live), Persistence::Never);
    assert_eq!(decide(Some(true), &mock), Persistence::Never);
    assert_eq!(decide(None, &live_mock), Persistence::Never);
}
