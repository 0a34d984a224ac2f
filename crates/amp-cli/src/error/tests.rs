use super::*;

// The table that scripts rely on: neither a word nor a code may ever change.
#[test]
fn every_kind_has_its_word_and_its_exit_code() {
    let table = [
        (Kind::Unexpected, "unexpected", 1),
        (Kind::Client(ErrorKind::Usage), "usage", 2),
        (Kind::Client(ErrorKind::Configuration), "configuration", 3),
        (Kind::Client(ErrorKind::Authentication), "authentication", 4),
        (Kind::Client(ErrorKind::NotFound), "not_found", 5),
        (Kind::Client(ErrorKind::RateLimited), "rate_limited", 6),
        (Kind::Client(ErrorKind::Server), "server", 7),
        (Kind::Client(ErrorKind::Network), "network", 8),
        (Kind::Client(ErrorKind::Storage), "storage", 9),
        (Kind::Client(ErrorKind::Refused), "refused", 1),
        (Kind::Client(ErrorKind::Unreadable), "unreadable", 1),
        (Kind::Client(ErrorKind::Closed), "closed", 1),
        (Kind::Interrupted, "interrupted", 130),
    ];
    for (kind, word, code) in table {
        assert_eq!((kind.word(), kind.exit_code()), (word, code));
    }
}

#[test]
fn the_json_object_always_has_the_same_five_keys() {
    let json = |failure: &Failure| serde_json::to_value(failure.to_json()).unwrap();
    let expected = serde_json::json!({ "error": {
        "kind": "usage", "message": "no", "status": null, "retry_after_seconds": null, "attempts": null,
    }});
    assert_eq!(json(&Failure::usage("no")), expected);

    let throttled = Failure {
        status: Some(429),
        retry_after: Some(Duration::from_millis(1200)),
        attempts: Some(3),
        ..Failure::usage("no")
    };
    let expected = serde_json::json!({ "error": {
        "kind": "usage", "message": "no", "status": 429, "retry_after_seconds": 2, "attempts": 3,
    }});
    assert_eq!(json(&throttled), expected);
}

#[test]
fn a_hint_follows_the_message() {
    let failure = Failure::usage("what").with_hint("what now");
    assert_eq!(failure.to_string(), "what\nwhat now");
}

#[test]
fn causes_are_told_once() {
    let refused = token_core::TokenFailure::new(token_core::ErrorClass::Transient, "no answer")
        .with_source(std::io::Error::other("connection refused"));
    let failure = Failure::from(Error::from(TokenError::ObtainFailed(
        refused.with_attempts(3),
    )));
    let text = failure.to_string();
    assert_eq!(text.matches("no answer").count(), 1, "{text}");
    assert!(text.ends_with(": connection refused"), "{text}");
    assert_eq!(failure.attempts, Some(3));
}
