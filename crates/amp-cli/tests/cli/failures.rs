//! Every exit code, and how the failures behind one are told apart.

use serde_json::Value;

use crate::rig::{Ran, Rig, bare, ran};

fn json_failure(ran: &Ran, code: i32, kind: &str) -> Value {
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(code), ""), "{ran:?}");
    let error = ran.error();
    let keys: Vec<_> = error
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(
        keys,
        [
            "attempts",
            "kind",
            "message",
            "retry_after_seconds",
            "status"
        ]
    );
    assert_eq!(error["kind"], kind, "{ran:?}");
    error
}

#[test]
fn usage_is_2() {
    let rig = Rig::new();
    json_failure(&rig.run(&["assets", "get", "--json"]), 2, "usage");
    json_failure(&rig.run(&["nonsense", "--json"]), 2, "usage");
    let help = ran(bare(rig.home()).arg("--help"));
    assert_eq!((help.code, help.stderr.as_str()), (Some(0), ""), "{help:?}");
    assert!(help.stdout.contains("Exit codes"), "{help:?}");
}

// W-A21
#[test]
fn missing_credentials_are_3_and_named_and_nothing_is_made_up() {
    let rig = Rig::new();
    let error = json_failure(&rig.run(&["assets", "list", "--json"]), 3, "configuration");
    let message = error["message"].as_str().unwrap();
    assert!(
        message.contains("AMP_USERNAME and AMP_PASSWORD are not set"),
        "{message}"
    );
    assert_eq!(rig.sandbox.total(), 0);
}

//
#[test]
fn a_wrong_password_is_4_is_not_tried_again_and_the_right_one_works_at_once() {
    let rig = Rig::new();
    let wrong = ran(rig
        .amp_as_user(&["auth", "login", "--json"])
        .env("AMP_PASSWORD", "wrong"));
    let error = json_failure(&wrong, 4, "authentication");
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("Unable to log in with provided credentials"),
        "{error}"
    );
    assert_eq!(rig.logins(), 1);
    let right = rig.run_as_user(&["assets", "list"]);
    assert_eq!(right.code, Some(0), "{right:?}");
    assert_eq!(rig.logins(), 2);
}

#[test]
fn nothing_there_is_5() {
    let rig = Rig::logged_in();
    let error = json_failure(
        &rig.run(&["assets", "get", "nothing", "--json"]),
        5,
        "not_found",
    );
    assert_eq!(
        (&error["status"], &error["attempts"]),
        (&404.into(), &1.into())
    );
}

//
#[test]
fn a_storm_of_429_is_6_and_says_when_to_come_back() {
    let rig = Rig::logged_in();
    rig.inject("GET /assets=429:3600*always");
    let error = json_failure(&rig.run(&["assets", "list", "--json"]), 6, "rate_limited");
    let wait = error["retry_after_seconds"].as_u64().unwrap();
    assert!((3590..=3600).contains(&wait), "{error}");
    assert_eq!(
        rig.sandbox.total(),
        1,
        "a wait that cannot fit is not begun"
    );
}

//
#[test]
fn a_failing_service_is_7_after_all_attempts() {
    let rig = Rig::logged_in();
    rig.inject("GET /assets=503*always");
    let error = json_failure(&rig.run(&["assets", "list", "--json"]), 7, "server");
    assert_eq!(
        (&error["status"], &error["attempts"]),
        (&503.into(), &3.into())
    );
    assert_eq!(rig.sandbox.total(), 3);
    rig.inject("POST /user/obtain_token=500*always");
    let error = json_failure(&rig.run_as_user(&["auth", "login", "--json"]), 7, "server");
    assert_eq!(error["attempts"], 3);
}

#[test]
fn no_service_and_no_tls_are_8_and_told_apart() {
    let rig = Rig::logged_in();
    let tls = rig.sandbox.base_url().replace("http://", "https://");
    let mut command = bare(rig.home());
    let no_tls = ran(command.args(["--base-url", &tls, "api", "GET", "/info", "--json"]));
    let no_tls = json_failure(&no_tls, 8, "network");

    let (home, base_url) = rig.stop_service();
    let mut command = bare(home.path());
    let nobody = ran(command.args(["--base-url", &base_url, "api", "GET", "/info", "--json"]));
    let nobody = json_failure(&nobody, 8, "network");
    assert!(
        nobody["message"].as_str().unwrap().contains("refused"),
        "{nobody}"
    );
    assert_ne!(no_tls["message"], nobody["message"]);
}

#[test]
fn a_command_that_takes_too_long_is_8() {
    let rig = Rig::logged_in();
    rig.inject("GET /assets=stall*always");
    let error = json_failure(
        &rig.run(&["assets", "list", "--timeout", "1", "--json"]),
        8,
        "network",
    );
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("timeout after 1 seconds"),
        "{error}"
    );
    rig.inject("POST /user/obtain_token=stall*always");
    let error = json_failure(
        &rig.run_as_user(&["auth", "login", "--timeout", "1", "--json"]),
        8,
        "network",
    );
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("within 1 seconds"),
        "{error}"
    );
}

// A-68, W-A09: nothing of the body is repeated.
#[test]
fn answers_that_cannot_be_read_are_1_and_told_apart() {
    let rig = Rig::logged_in();
    let message = |fault: &str| {
        rig.inject(&format!("GET /assets={fault}"));
        let error = json_failure(&rig.run(&["assets", "list", "--json"]), 1, "unreadable");
        error["message"].as_str().unwrap().to_owned()
    };
    assert!(message("html").contains("HTML page"));
    assert!(message("truncated-json").contains("ends too early"));
}

// Ctrl-C
#[cfg(unix)]
#[test]
fn an_interrupt_is_130_and_says_what_may_be() {
    use rustix::process::{Pid, Signal, kill_process};

    let rig = Rig::logged_in();
    rig.inject("GET /assets=stall*always");
    let mut child = rig
        .process_as_user(&["assets", "list"])
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    crate::rig::until("the call", || rig.sandbox.total() == 1);
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let status = child.wait().unwrap();
    assert_eq!(status.code(), Some(130));
    let mut said = String::new();
    std::io::Read::read_to_string(child.stderr.as_mut().unwrap(), &mut said).unwrap();
    assert!(said.contains("interrupted"), "{said}");
}

// Ctrl-C in the middle of a login
#[cfg(unix)]
#[test]
fn an_interrupted_login_leaves_nothing_half_stored() {
    use rustix::process::{Pid, Signal, kill_process};

    let rig = Rig::new();
    rig.inject("POST /user/obtain_token=stall-after");
    let mut child = rig
        .process_as_user(&["auth", "login"])
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    crate::rig::until("the login", || rig.logins() == 1);
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let status = rig.run_as_user(&["auth", "status", "--json"]);
    assert_eq!(
        (status.code, &status.json()["has_token"]),
        (Some(0), &false.into()),
        "{status:?}"
    );
    let again = rig.run_as_user(&["auth", "login"]);
    assert_eq!(again.code, Some(0), "{again:?}");
    assert_eq!(rig.run(&["assets", "list"]).code, Some(0));
}
