use super::*;

fn base() -> BaseUrl {
    BaseUrl::parse("https://amp.example/api/").unwrap()
}

fn uri(request: &Request) -> String {
    request.to_http(&base()).unwrap().uri().to_string()
}

// W-A26: an argument can neither add nor remove a segment.
#[test]
fn arguments_are_encoded_into_one_segment() {
    let cases = [
        ("7", "7"),
        ("a b", "a%20b"),
        ("../lock", "..%2Flock"),
        ("a?b=c#d", "a%3Fb%3Dc%23d"),
        ("é", "%C3%A9"),
    ];
    for (argument, expected) in cases {
        let request = Request::new(&operations::GET_ASSET, &[argument]).unwrap();
        assert_eq!(
            uri(&request),
            format!("https://amp.example/api/assets/{expected}")
        );
    }
    let request = Request::new(&operations::CREATE_DISTRIBUTION, &["7"]).unwrap();
    assert_eq!(
        uri(&request),
        "https://amp.example/api/assets/7/distributions/create/"
    );
}

// A-72
#[test]
fn an_empty_or_dotted_argument_is_refused_before_any_request() {
    for argument in ["", " ", ".", ".."] {
        let error = Request::new(&operations::GET_ASSET, &[argument]).unwrap_err();
        assert_eq!(error, InvalidRequest::Argument("assetUuid"), "{argument:?}");
    }
    for arguments in [&[][..], &["a", "b"]] {
        let error = Request::new(&operations::GET_ASSET, arguments).unwrap_err();
        assert!(
            matches!(error, InvalidRequest::Arguments { expected: 1, .. }),
            "{error}"
        );
    }
}

#[test]
fn a_query_is_encoded_and_stays_out_of_messages() {
    let request = Request::new(&operations::LIST_ASSET_TRANSACTIONS, &["7"])
        .unwrap()
        .with_query([("start", "-5"), ("name", "a&b=c d")]);
    assert_eq!(
        uri(&request),
        "https://amp.example/api/assets/7/txs?start=-5&name=a%26b%3Dc%20d"
    );
    assert_eq!(request.label(), "GET /assets/{assetUuid}/txs");
}

#[test]
fn only_a_request_with_a_body_says_what_its_body_is() {
    let request = Request::new(&operations::GET_INFO, &[]).unwrap();
    let mut sent = request.to_http(&base()).unwrap();
    Request::accept(&mut sent);
    assert_eq!(sent.headers()[ACCEPT], "application/json");
    assert!(!sent.headers().contains_key(CONTENT_TYPE));
    let sent = request
        .with_json(&[1, 2])
        .unwrap()
        .to_http(&base())
        .unwrap();
    assert_eq!(sent.headers()[CONTENT_TYPE], "application/json");
    assert_eq!(sent.body().as_ref(), b"[1,2]");
}

#[test]
fn a_path_by_hand_is_taken_as_it_is_with_the_class_of_its_operation() {
    let request = Request::raw(Method::POST, "/assets/issue").unwrap();
    assert_eq!(request.idempotency(), Idempotency::OnlyIfUnprocessed);
    assert!(!request.is_secret());
    let request = Request::raw(Method::GET, "/info?x=%20").unwrap();
    assert_eq!(uri(&request), "https://amp.example/api/info?x=%20");
    assert_eq!(request.auth(), Auth::None);
    assert_eq!(request.label(), "GET /info");
    let request = Request::raw(Method::GET, "/new/thing").unwrap();
    assert_eq!(request.auth(), Auth::Required);
    let secret = Request::raw(Method::POST, "/user/change-password").unwrap();
    assert!(secret.is_secret());
    assert_eq!(request.without_token().auth(), Auth::None);
}

// A-74: however the path is written, what is sent there is a password.
#[test]
fn a_body_for_a_path_with_secrets_is_secret_whatever_the_method_and_the_slashes() {
    let requests = [
        (Method::PUT, "/managers/3/change-password"),
        (Method::PATCH, "/user/change-password/?x=1"),
        (Method::POST, "/user//change-password"),
        (Method::POST, "/user/%2Fchange%2dpassword//"),
        (Method::POST, "/user/obtain_token"),
    ];
    for (method, path) in requests {
        let request = Request::raw(method, path).unwrap().with_body("hunter2");
        assert!(request.is_secret(), "{path}");
        assert_eq!(request.redacted_body(), Some("[hidden]".into()), "{path}");
    }
    for path in ["/managers", "/managers/3", "/user", "/"] {
        let request = Request::raw(Method::GET, path).unwrap();
        assert!(!request.is_secret(), "{path}");
        assert_eq!(request.redacted_body(), None, "{path}");
    }
}

// W-A02: whatever is asked for, the token stays at its origin.
#[test]
fn a_path_by_hand_cannot_leave_the_base_url() {
    let targets = [
        "",
        "info",
        "//evil.example/info",
        "https://evil.example/info",
        "@evil.example/",
        "/../admin",
        "/assets/./x",
        "/assets/%2e%2E/x",
        "/assets/..%2fx",
        "/assets/..%5cx",
        "/\\evil.example",
        "/info#x",
        "/a b",
        "/a\r\nHost: evil",
        "/ä",
    ];
    for target in targets {
        let error = Request::raw(Method::GET, target).unwrap_err();
        assert_eq!(error, InvalidRequest::Target, "{target:?}");
    }
    let error = Request::raw(Method::TRACE, "/info").unwrap_err();
    assert_eq!(error, InvalidRequest::Method);
}

#[test]
fn an_address_that_is_too_long_is_an_error() {
    let long = "x".repeat(70_000);
    let by_hand = Request::raw(Method::GET, &format!("/{long}")).unwrap();
    assert!(by_hand.label().len() < 300, "messages stay short");
    let request = Request::new(&operations::GET_ASSET, &[&long]).unwrap();
    assert_eq!(
        request.to_http(&base()).unwrap_err(),
        InvalidRequest::Target
    );
}

// W-A05, W-A08
#[test]
fn debug_output_shows_neither_body_nor_query() {
    let request = Request::raw(Method::POST, "/user/change-password?note=hunter2")
        .unwrap()
        .with_body(&br#"{"password":"hunter2"}"#[..]);
    assert!(!format!("{request:?}").contains("hunter2"), "{request:?}");
}
