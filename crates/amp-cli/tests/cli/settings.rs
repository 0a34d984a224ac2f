//! Flags and variables as they act together.

use crate::rig::{PASSWORD, Rig, USER, bare, ran};

// W-A22
#[test]
fn a_service_that_a_variable_places_on_this_machine_leaves_nothing_on_disk() {
    let rig = Rig::new();
    let mut command = bare(rig.home());
    command.env("AMP_API_BASE_URL", rig.sandbox.base_url());
    command
        .env("AMP_USERNAME", USER)
        .env("AMP_PASSWORD", PASSWORD);
    let login = ran(command.args(["auth", "login"]));
    assert_eq!(login.code, Some(0), "{login:?}");
    assert!(login.stderr.contains("not kept"), "{login:?}");
    assert!(!rig.state().exists());
}

// W-A22
#[test]
fn persistence_can_be_switched_off_and_a_flag_switches_it_on_again() {
    let rig = Rig::new();
    let mut command = rig.amp_as_user(&["assets", "list"]);
    let off = ran(command.env("AMP_TOKEN_PERSISTENCE", "Off"));
    assert_eq!(off.code, Some(0), "{off:?}");
    assert!(!rig.state().exists());

    let mut command = rig.amp_as_user(&["assets", "list", "--store", "file"]);
    let on = ran(command.env("AMP_TOKEN_PERSISTENCE", "Off"));
    assert_eq!(on.code, Some(0), "{on:?}");
    assert!(rig.token_file().exists());
}

//
#[test]
fn a_named_token_file_is_the_one_that_is_used() {
    let rig = Rig::new();
    let login = rig.run_as_user(&["--token-file", "here.json", "auth", "login"]);
    assert_eq!(login.code, Some(0), "{login:?}");
    assert!(rig.home().join("here.json").exists());
    let later = ran(rig
        .amp(&["assets", "list"])
        .env("AMP_TOKEN_FILE", "here.json"));
    assert_eq!(later.code, Some(0), "{later:?}");
    assert_eq!(rig.logins(), 1);
}

//
#[test]
fn every_bad_setting_is_named_at_once_and_no_value_is_repeated() {
    let rig = Rig::new();
    let mut command = bare(rig.home());
    command.env("AMP_API_BASE_URL", "https://me:hunter2@amp.example");
    command.env("API_RETRY_MAX_ATTEMPTS", "hunter2");
    command.env("AMP_TOKEN_PERSISTENCE", "hunter2");
    let ran = ran(command.args(["assets", "list", "--json"]));
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(3), ""), "{ran:?}");
    let message = ran.error()["message"].as_str().unwrap().to_owned();
    for name in [
        "AMP_API_BASE_URL",
        "API_RETRY_MAX_ATTEMPTS",
        "AMP_TOKEN_PERSISTENCE",
        "AMP_USERNAME",
    ] {
        assert!(message.contains(name), "{message}");
    }
    assert!(!message.contains("hunter2"), "{message}");
}

//
#[test]
fn a_profile_of_the_file_is_used_by_flag_and_by_variable_and_variables_come_before_it() {
    let rig = Rig::new();
    let config = rig.home().join(if cfg!(target_os = "macos") {
        "Library/Application Support/amp"
    } else {
        ".config/amp"
    });
    std::fs::create_dir_all(&config).unwrap();
    let service = rig.sandbox.base_url();
    let profile =
        format!("[here]\nbase_url = \"{service}\"\nusername = \"{USER}\"\nstore = \"file\"\n");
    std::fs::write(config.join("config.toml"), profile).unwrap();

    let mut command = bare(rig.home());
    command.env("AMP_PASSWORD", PASSWORD);
    let login = ran(command.args(["--profile", "here", "auth", "login"]));
    assert_eq!(login.code, Some(0), "{login:?}");
    let named = ran(bare(rig.home())
        .env("AMP_PROFILE", "here")
        .args(["auth", "token"]));
    assert_eq!(named.code, Some(0), "{named:?}");
    assert_eq!(rig.logins(), 1, "the token is found again");

    let mut command = bare(rig.home());
    command
        .env("AMP_PROFILE", "here")
        .env("AMP_API_BASE_URL", "ftp://amp.example");
    let other = ran(command.args(["auth", "status"]));
    assert_eq!(other.code, Some(3), "{other:?}");
    let both = ran(bare(rig.home()).args(["--sandbox", "--profile", "here", "assets", "list"]));
    assert_eq!(both.code, Some(2), "{both:?}");
}

// money.
#[test]
fn the_live_profile_needs_an_explicit_yes_too() {
    let rig = Rig::new();
    let ran = ran(bare(rig.home()).args(["--profile", "live", "auth", "status"]));
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert!(ran.stderr.contains("AMP_ALLOW_LIVE=true"), "{ran:?}");
}

// money.
#[test]
fn the_live_service_needs_an_explicit_yes() {
    let rig = Rig::new();
    let mut command = bare(rig.home());
    let ran = ran(command.args([
        "--base-url",
        "https://amp.blockstream.com/api",
        "auth",
        "status",
    ]));
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert!(ran.stderr.contains("AMP_ALLOW_LIVE=true"), "{ran:?}");
}

#[test]
fn a_store_that_is_not_built_in_says_so() {
    let rig = Rig::new();
    let mut stores = Vec::new();
    if !cfg!(feature = "redis") {
        stores.push("redis://:hunter2@host");
    }
    if !cfg!(feature = "keyring") {
        stores.push("keyring");
    }
    for store in stores {
        let ran = rig.run(&["--store", store, "auth", "status"]);
        assert_eq!(ran.code, Some(2), "{ran:?}");
        assert!(ran.stderr.contains("built without"), "{ran:?}");
        assert!(!ran.stderr.contains("hunter2"), "{ran:?}");
    }
}

#[test]
fn every_command_runs_on_the_embedded_service() {
    let rig = Rig::new();
    for words in [
        &["--sandbox", "assets", "list"][..],
        &["--sandbox", "auth", "login"],
        &["--sandbox", "auth", "token"],
        &["--sandbox", "api", "GET", "/info"],
    ] {
        let ran = ran(bare(rig.home()).args(words));
        assert_eq!(ran.code, Some(0), "{words:?}: {ran:?}");
    }
    assert!(!rig.state().exists());
    let both = rig.run(&["--sandbox", "assets", "list"]);
    assert_eq!(both.code, Some(2), "{both:?}");
}

#[test]
fn quiet_silences_messages_and_not_errors() {
    let rig = Rig::new();
    let login = rig.run_as_user(&["--quiet", "auth", "login"]);
    assert_eq!(
        (login.code, login.stdout.as_str(), login.stderr.as_str()),
        (Some(0), "", "")
    );
    let missing = rig.run(&["--quiet", "assets", "get", "nothing"]);
    assert_eq!(missing.code, Some(5), "{missing:?}");
    assert!(missing.stderr.starts_with("error: "), "{missing:?}");
}
