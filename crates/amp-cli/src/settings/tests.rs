use super::*;
use crate::output::Output;
use crate::vars::Vars;

fn context(globals: Globals, vars: &'static [(&'static str, &'static str)]) -> Context {
    let vars = Vars::of(vars);
    Context {
        output: Output::new(&globals, &vars),
        globals,
        vars,
    }
}

fn keeps_with(globals: Globals, vars: &'static [(&'static str, &'static str)]) -> Keeps {
    Settings::read(&context(globals, vars), None).unwrap().keeps
}

fn refusal(globals: Globals) -> u8 {
    let failure = Settings::read(&context(globals, &[]), None).unwrap_err();
    failure.kind().exit_code()
}

// : the command keeps a login unless the variables forbid it.
#[test]
fn a_login_is_kept_unless_the_variables_forbid_it_or_look_like_a_mock() {
    let default = Globals::default;
    assert_eq!(keeps_with(default(), &[]), Keeps::Kept(None));
    let forbidding: [&'static [(&str, &str)]; 4] = [
        &[("AMP_TOKEN_PERSISTENCE", "Off")],
        &[("AMP_USERNAME", "mock_user")],
        &[("AMP_API_BASE_URL", "http://127.0.0.1:1/api")],
        &[
            ("AMP_TOKEN_PERSISTENCE", "true"),
            ("AMP_PASSWORD", "mock_pass"),
        ],
    ];
    for vars in forbidding {
        assert_eq!(keeps_with(default(), vars), Keeps::Nothing, "{vars:?}");
    }
    // A flag is a choice and no hint.
    let local = Globals {
        base_url: Some("http://127.0.0.1:1/api".to_owned()),
        ..default()
    };
    assert_eq!(keeps_with(local, &[]), Keeps::Kept(None));
}

//
#[test]
fn a_flag_comes_before_its_variable() {
    let forbidden: &'static [_] = &[("AMP_TOKEN_PERSISTENCE", "false")];
    let file = Globals {
        store: Some(StoreChoice::Known(StoreKind::File)),
        ..Globals::default()
    };
    let plain = Keeps::Kept(Some(StoreKind::File));
    assert_eq!(keeps_with(file, forbidden), plain);
    let named = Globals {
        token_file: Some("/state/token.json".into()),
        ..Globals::default()
    };
    assert_eq!(keeps_with(named, forbidden), Keeps::Kept(None));
    let memory = Globals {
        store: Some(StoreChoice::Known(StoreKind::Memory)),
        ..Globals::default()
    };
    assert_eq!(keeps_with(memory, &[]), Keeps::Nothing);
}

#[test]
fn flags_that_contradict_each_other_are_a_usage_error() {
    let contradictions = [
        Globals {
            store: Some(StoreChoice::Missing("keyring")),
            ..Globals::default()
        },
        Globals {
            store: Some(StoreChoice::Known(StoreKind::Memory)),
            token_file: Some("t.json".into()),
            ..Globals::default()
        },
        Globals {
            sandbox: true,
            base_url: Some("https://amp.example/api".to_owned()),
            ..Globals::default()
        },
        Globals {
            sandbox: true,
            store: Some(StoreChoice::Known(StoreKind::File)),
            ..Globals::default()
        },
    ];
    for globals in contradictions {
        assert_eq!(refusal(globals), 2);
    }
}

// one look tells everything.
#[test]
fn missing_credentials_are_told_with_every_other_mistake() {
    let vars: &'static [_] = &[
        ("AMP_API_BASE_URL", "ftp://amp.example"),
        ("API_RETRY_MAX_ATTEMPTS", "0"),
    ];
    let context = context(Globals::default(), vars);
    let failure = Settings::read_for_token(&context).unwrap_err();
    let text = failure.to_string();
    for name in [
        "Invalid AMP_API_BASE_URL",
        "Invalid API_RETRY_MAX_ATTEMPTS",
        "AMP_USERNAME and AMP_PASSWORD are not set",
    ] {
        assert!(text.contains(name), "{text}");
    }
    assert_eq!(failure.kind().exit_code(), 3);
}

//
#[test]
fn credentials_are_needed_at_once_only_where_no_file_could_hold_a_token() {
    let memory = Globals {
        store: Some(StoreChoice::Known(StoreKind::Memory)),
        ..Globals::default()
    };
    assert!(Settings::read_for_token(&context(memory, &[])).is_err());
    assert!(Settings::read_for_token(&context(Globals::default(), &[])).is_ok());
    let sandbox = Globals {
        sandbox: true,
        ..Globals::default()
    };
    assert!(Settings::read_for_token(&context(sandbox, &[])).is_ok());
}

#[test]
fn a_timeout_that_no_clock_can_add_is_a_year() {
    let endless = Globals {
        timeout: Some(u64::MAX),
        ..Globals::default()
    };
    let settings = Settings::read(&context(endless, &[]), None).unwrap();
    assert_eq!(settings.total, Some(Duration::from_secs(31_536_000)));
}
