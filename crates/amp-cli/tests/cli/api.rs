//! `amp api METHOD PATH`.

use serde_json::Value;

use crate::rig::{Rig, ran};

#[test]
fn an_answer_comes_as_received_and_needs_no_login_where_the_service_needs_none() {
    let rig = Rig::new();
    let info = rig.run(&["api", "GET", "/info"]);
    assert_eq!((info.code, info.stderr.as_str()), (Some(0), ""), "{info:?}");
    assert!(info.json()["version"].is_string());
    assert_eq!(rig.sandbox.total(), 1);
}

#[test]
fn a_refusal_prints_its_body_and_its_error_apart() {
    let rig = Rig::logged_in();
    let refused = rig.run(&["api", "GET", "/assets/nothing", "--json"]);
    assert_eq!(refused.code, Some(5), "{refused:?}");
    assert_eq!(refused.json()["detail"], "Not found.");
    let error = refused.error();
    assert_eq!(
        (&error["kind"], &error["status"]),
        (&"not_found".into(), &404.into())
    );
    assert_eq!(
        (&error["attempts"], &error["retry_after_seconds"]),
        (&1.into(), &Value::Null)
    );
}

#[test]
fn include_puts_status_and_headers_before_the_body() {
    let rig = Rig::new();
    let info = rig.run(&["api", "get", "/info", "--include"]);
    let (head, body) = info.stdout.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP 200 OK\r\n"), "{info:?}");
    assert!(head.contains("content-type: application/json"), "{info:?}");
    assert!(body.starts_with('{'), "{info:?}");
}

// W-A02
#[test]
fn without_auth_no_token_is_obtained_or_sent() {
    let rig = Rig::logged_in();
    let ran = rig.run_as_user(&["api", "GET", "/assets", "--no-auth"]);
    assert_eq!(ran.code, Some(4), "{ran:?}");
    assert_eq!(
        ran.json()["detail"],
        "Authentication credentials were not provided."
    );
    assert_eq!(rig.sandbox.total(), 1, "{:?}", rig.sandbox.requests());
}

// W-A02: the token goes to its own origin only.
#[test]
fn a_path_that_leads_elsewhere_is_refused_before_anything_is_sent() {
    let rig = Rig::logged_in();
    for path in [
        "assets",
        "//evil.example/assets",
        "http://evil.example/assets",
        "/../admin",
        "/assets/%2e%2e/x",
        "/a\\b",
        "/assets#x",
        "/a b",
    ] {
        let ran = rig.run(&["api", "GET", path]);
        assert_eq!(
            (ran.code, ran.stdout.as_str()),
            (Some(2), ""),
            "{path}: {ran:?}"
        );
    }
    assert_eq!(rig.sandbox.total(), 0);
}

#[test]
fn data_is_sent_and_must_be_json() {
    let rig = Rig::logged_in();
    let wrong = rig.run(&["api", "POST", "/assets/issue", "--data", "{nonsense"]);
    assert_eq!(wrong.code, Some(2), "{wrong:?}");
    assert_eq!(rig.sandbox.total(), 0);
    let refused = ran(rig
        .amp(&["api", "POST", "/assets/issue", "--data", "-"])
        .write_stdin("{}"));
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.json()["name"].is_array(), "{refused:?}");
}

// W-A11: an operation that nobody knows may move money too.
#[test]
fn an_unknown_post_is_sent_once() {
    let rig = Rig::logged_in();
    rig.inject("POST /new/operation=503");
    let ran = rig.run(&["api", "POST", "/new/operation", "--data", "{}"]);
    assert_eq!(ran.code, Some(7), "{ran:?}");
    assert_eq!(rig.sandbox.total(), 1);
}
