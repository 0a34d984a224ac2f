//! `--dry-run`: what would be sent, and that it is not.

use serde_json::json;

use crate::rig::{PASSWORD, Rig, bare, ran};

#[test]
fn a_dry_run_prints_the_request_and_needs_neither_a_login_nor_the_service() {
    let rig = Rig::new();
    let body = json!({
        "name": "Gold", "amount": 5, "destination_address": "vj", "domain": "a.example",
        "ticker": "GLD", "pubkey": "02",
    });
    let data = body.to_string();
    let dry = rig.run(&["assets", "issue", "--data", &data, "--dry-run", "--json"]);
    assert_eq!((dry.code, dry.stderr.as_str()), (Some(0), ""), "{dry:?}");
    let expected = json!([{
        "method": "POST",
        "url": format!("{}/assets/issue", rig.sandbox.base_url()),
        "headers": {
            "accept": "application/json",
            "authorization": "token [hidden]",
            "content-type": "application/json",
        },
        "body": body,
    }]);
    assert_eq!(dry.json(), expected);
    assert_eq!(rig.sandbox.total(), 0);

    let elsewhere = ran(bare(rig.home()).args(["assets", "list", "--dry-run"]));
    let expected = "\
GET https://amp-test.blockstream.com/api/assets
accept: application/json
authorization: token [hidden]
";
    assert_eq!(elsewhere.stdout, expected, "{elsewhere:?}");
    assert!(!rig.state().exists(), "nothing is kept of it");
}

//
#[test]
fn a_dry_run_of_any_request_hides_its_secrets() {
    let rig = Rig::new();
    let data = json!({"username": "me", "password": PASSWORD}).to_string();
    let login = ["api", "POST", "/user/obtain_token", "--data", &data];
    for form in [&["--dry-run"][..], &["--dry-run", "--json"]] {
        let dry = rig.run(&[&login[..], form].concat());
        assert_eq!(dry.code, Some(0), "{dry:?}");
        assert!(dry.stdout.contains("[hidden]"), "{dry:?}");
        assert!(!format!("{dry:?}").contains(PASSWORD), "{dry:?}");
    }
    std::fs::write(rig.home().join("new"), PASSWORD).unwrap();
    let dry = rig.run(&[
        "auth",
        "change-password",
        "--password-file",
        "new",
        "--dry-run",
    ]);
    assert!(dry.stdout.contains("\"password\": \"[hidden]\""), "{dry:?}");
    assert!(!dry.stdout.contains(PASSWORD), "{dry:?}");
    assert_eq!(rig.sandbox.total(), 0);
}

//
#[test]
fn a_dry_run_hides_passwords_and_blinding_factors_whatever_they_are_sent_to() {
    let rig = Rig::new();
    let text = json!(PASSWORD).to_string();
    let password = json!({"password": PASSWORD}).to_string();
    let requests = [
        ("PUT", "/managers/3/change-password", &text),
        ("POST", "/user//change-password", &password),
        ("POST", "/managers//change-password", &password),
        ("POST", "/new/thing", &password),
    ];
    for (method, path, data) in requests {
        let dry = rig.run(&["api", method, path, "--data", data, "--dry-run"]);
        assert_eq!(dry.code, Some(0), "{dry:?}");
        assert!(dry.stdout.contains("[hidden]"), "{dry:?}");
        assert!(!format!("{dry:?}").contains(PASSWORD), "{path}: {dry:?}");
    }
    let data = json!({"tx_data": {"issuances": [{"assetblinds": "ab01", "tokenblinds": "ab02"}]}});
    let data = data.to_string();
    let dry = rig.run(&["api", "POST", "/assets/a/x", "--data", &data, "--dry-run"]);
    assert_eq!(dry.stdout.matches("[hidden]").count(), 3, "{dry:?}");
    assert!(!dry.stdout.contains("ab0"), "{dry:?}");
}

#[test]
fn a_request_that_cannot_be_meant_has_no_dry_run() {
    let rig = Rig::new();
    let dry = rig.run(&["assets", "get", " ", "--dry-run"]);
    assert_eq!((dry.code, dry.stdout.as_str()), (Some(2), ""), "{dry:?}");
}
