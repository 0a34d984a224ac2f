use std::fs;
use std::path::Path;

use amp_client::StoreKind;
use tempfile::TempDir;

use super::*;

/// A home with this file.
fn home(file: &str) -> TempDir {
    let home = tempfile::tempdir().unwrap();
    let path = path(&at(home.path(), &[])).unwrap();
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, file).unwrap();
    home
}

/// These variables in that home.
fn at(home: &Path, pairs: &'static [(&'static str, &'static str)]) -> Vars {
    let home = home.to_owned();
    Vars::new(move |name| match name {
        "HOME" | "APPDATA" => Some(home.clone().into()),
        name => {
            let found = pairs.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).into())
        }
    })
}

fn named(name: &str) -> Globals {
    Globals {
        profile: Some(name.to_owned()),
        ..Globals::default()
    }
}

const FILE: &str = r#"
[staging]
base_url = "https://staging.example/api"
username = "alice"
store = "encrypted"
key_file = "/keys/staging"
timeout = 30

[live]
base_url = "https://amp.blockstream.com/api"
allow_live = true
"#;

#[test]
fn a_profile_says_what_flags_and_variables_leave_open() {
    let home = home(FILE);
    let (globals, vars) = apply(named("staging"), at(home.path(), &[])).unwrap();
    assert_eq!(
        globals.base_url.as_deref(),
        Some("https://staging.example/api")
    );
    assert_eq!(
        globals.store,
        Some(StoreChoice::Known(StoreKind::Encrypted))
    );
    assert_eq!(globals.key_file, Some("/keys/staging".into()));
    assert_eq!(globals.timeout, Some(30));
    assert_eq!(vars.text(USERNAME).as_deref(), Some("alice"));
    assert_eq!(vars.raw(USERNAME), None, "a profile is no variable");
}

#[test]
fn a_variable_comes_before_the_profile_and_a_flag_before_both() {
    let home = home(FILE);
    let variables = &[
        ("AMP_PROFILE", "staging"),
        ("AMP_API_BASE_URL", "https://other.example/api"),
        ("AMP_USERNAME", "bob"),
        ("AMP_TOKEN_FILE", "t.json"),
        ("TOKEN_STORE_KEY", "k"),
    ];
    let (globals, vars) = apply(Globals::default(), at(home.path(), variables)).unwrap();
    assert_eq!(globals.base_url, None, "the variable is read later");
    assert_eq!(
        (globals.store, &globals.token_file, &globals.key_file),
        (None, &None, &None)
    );
    assert_eq!(vars.text(USERNAME).as_deref(), Some("bob"));

    let flags = Globals {
        base_url: Some("https://flag.example/api".to_owned()),
        timeout: Some(5),
        ..named("staging")
    };
    let (globals, _) = apply(flags, at(home.path(), &[])).unwrap();
    assert_eq!(
        globals.base_url.as_deref(),
        Some("https://flag.example/api")
    );
    assert_eq!(globals.timeout, Some(5));
}

// X-40: money.
#[test]
fn a_profile_allows_the_live_service_for_itself_alone() {
    let home = home(FILE);
    let allowed = |name, variables| {
        let (globals, _) = apply(named(name), at(home.path(), variables)).unwrap();
        globals.allow_live
    };
    assert_eq!(allowed("live", &[]), Some(true));
    assert_eq!(allowed("live", &[("AMP_ALLOW_LIVE", "false")]), None);
    let elsewhere = &[("AMP_API_BASE_URL", "https://amp.blockstream.com/api")];
    assert_eq!(allowed("live", elsewhere), None);
    for (name, home) in [("staging", home.path()), ("test", Path::new("/nowhere"))] {
        let refused = apply(named(name), at(home, elsewhere)).err().unwrap();
        assert!(refused.to_string().contains("live service"), "{refused}");
        assert_eq!(refused.kind().exit_code(), 3);
    }
}

#[test]
fn test_and_live_need_no_file_and_live_keeps_its_lock() {
    let nowhere = || at(Path::new("/nowhere"), &[]);
    let (test, _) = apply(named("test"), nowhere()).unwrap();
    assert_eq!(test.base_url.as_deref(), Some(DEFAULT_BASE_URL));
    let (live, _) = apply(named("live"), nowhere()).unwrap();
    assert_eq!(
        live.base_url.as_deref(),
        Some("https://amp.blockstream.com/api")
    );
    assert_eq!(live.allow_live, None);
    let unknown = apply(named("prod"), nowhere()).err().unwrap();
    assert!(
        unknown.to_string().contains("there is no profile prod"),
        "{unknown}"
    );
    assert!(apply(Globals::default(), nowhere()).is_ok());
}

// A-74
#[test]
fn a_file_that_is_not_understood_is_named_with_its_line_and_never_quoted() {
    for file in [
        "[a]\nbase_url = 1\npassword = \"hunter2\"",
        "[a]\npassword = \"hunter2\"",
        "hunter2",
    ] {
        let home = home(file);
        let refused = apply(named("a"), at(home.path(), &[])).err().unwrap();
        let text = refused.to_string();
        assert!(text.contains("config.toml: line "), "{text}");
        assert!(!text.contains("hunter2"), "{text}");
        assert_eq!(refused.kind().exit_code(), 3);
    }
}
