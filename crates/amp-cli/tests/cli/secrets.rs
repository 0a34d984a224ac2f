//! No stream shows a password or a token, however much is said.

use crate::rig::{PASSWORD, Rig, ran};

// W-A05, W-A06, W-A08, W-A09, W-A10
#[test]
fn the_most_talkative_commands_show_no_secret() {
    let rig = Rig::new();
    let commands: [&[&str]; 9] = [
        &["auth", "login"],
        &["auth", "status"],
        &["assets", "list"],
        &["auth", "refresh"],
        &["api", "GET", "/assets/nothing"],
        &["api", "POST", "/user/obtain_token", "--data", "{}"],
        &["assets", "lock", "nothing"],
        &["auth", "logout"],
        &["assets", "list"],
    ];
    let mut said = String::new();
    let mut tokens = Vec::new();
    for words in commands {
        let ran = rig.run_as_user(&[words, &["-vv"]].concat());
        said += &format!("{}{}", ran.stdout, ran.stderr);
        if rig.token_file().exists() {
            tokens.push(rig.stored_token());
        }
    }
    // What this one prints is the token, so only its messages must not.
    said += &rig.run_as_user(&["auth", "token", "-vv"]).stderr;
    tokens.push(rig.stored_token());
    assert!(said.contains("DEBUG"), "little was logged: {said}");
    assert!(!said.contains(PASSWORD), "{said}");
    assert!(tokens.len() > 3);
    for token in tokens {
        assert!(!said.contains(&token[..8]), "{said}");
    }
}

// W-A08: a variable of the original that printed requests.
#[test]
fn the_debug_variable_of_the_original_prints_nothing() {
    let rig = Rig::logged_in();
    let ran = ran(rig
        .amp(&["api", "GET", "/info"])
        .env("AMP_DEBUG", "1")
        .env("RUST_LOG", "trace"));
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{ran:?}");
}
