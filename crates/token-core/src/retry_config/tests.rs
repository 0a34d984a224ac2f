use proptest::prelude::*;

use super::*;

fn from(vars: &[(&str, &str)]) -> Result<RetryConfig, RetryConfigError> {
    RetryConfig::from_vars(|name| {
        let found = vars.iter().find(|(key, _)| *key == name);
        found.map(|(_, value)| OsString::from(value))
    })
}

fn text(vars: &[(&str, &str)]) -> String {
    from(vars).unwrap_err().to_string()
}

//
#[test]
fn without_variables_the_defaults_hold() {
    let config = from(&[]).unwrap();
    assert_eq!(config, RetryConfig::default());
    assert_eq!(config.max_attempts(), 3);
    assert_eq!(config.base_delay(), Duration::from_millis(1000));
    assert_eq!(config.max_delay(), Duration::from_millis(30_000));
    assert_eq!(config.timeout(), Duration::from_secs(10));
}

// blank counts as unset, blanks around a number do not matter.
#[test]
fn each_variable_falls_back_by_itself() {
    let config = from(&[(MAX_ATTEMPTS, " 7 "), (BASE_DELAY, ""), (TIMEOUT, "\t")]).unwrap();
    assert_eq!(config.max_attempts(), 7);
    assert_eq!(config.base_delay(), Duration::from_secs(1));
    assert_eq!(config.timeout(), Duration::from_secs(10));
}

//
#[test]
fn a_value_that_is_no_number_is_an_error_that_names_the_variable_and_its_range() {
    for name in [MAX_ATTEMPTS, BASE_DELAY, MAX_DELAY, TIMEOUT] {
        for value in ["abc", "-1", "1.5", "0x10", "1 2", "99999999999999999999"] {
            let text = text(&[(name, value)]);
            assert!(text.contains(&format!("Invalid {name}")), "{text}");
            assert!(text.contains("whole number from 1 to "), "{text}");
            assert!(!text.contains(value), "{text}");
        }
    }
    let text = text(&[(MAX_ATTEMPTS, "4294967296")]);
    assert!(text.contains("from 1 to 4294967295"), "{text}");
}

//
#[test]
fn values_that_break_a_rule_give_the_texts_of_the_seed() {
    let cases = [
        (MAX_ATTEMPTS, "0", "max_attempts must be greater than 0"),
        (BASE_DELAY, "0", "base_delay_ms must be greater than 0"),
        (
            BASE_DELAY,
            "30001",
            "max_delay_ms must be greater than or equal to base_delay_ms",
        ),
        (TIMEOUT, "0", "timeout_seconds must be greater than 0"),
    ];
    for (name, value, expected) in cases {
        assert!(text(&[(name, value)]).ends_with(expected));
    }
    assert!(from(&[(BASE_DELAY, "30000")]).is_ok());
}

// in the order of the rules, after the values that could not be read.
#[test]
fn every_bad_variable_is_reported_at_once() {
    let error = from(&[(MAX_ATTEMPTS, "0"), (BASE_DELAY, "x"), (TIMEOUT, "0")]).unwrap_err();
    let problems: Vec<_> = error.problems().collect();
    assert_eq!(problems.len(), 3, "{problems:?}");
    assert!(problems[0].contains(BASE_DELAY), "{problems:?}");
    assert!(problems[1].contains(MAX_ATTEMPTS), "{problems:?}");
    assert!(problems[2].contains(TIMEOUT), "{problems:?}");
}

// W-A32: upstream turned it into the default.
#[cfg(unix)]
#[test]
fn a_value_that_is_not_unicode_is_an_error() {
    use std::os::unix::ffi::OsStringExt;
    let error = RetryConfig::from_vars(|name| {
        (name == TIMEOUT).then(|| OsString::from_vec(vec![0x31, 0xff]))
    })
    .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("Invalid API_REQUEST_TIMEOUT_SECONDS")
    );
    assert!(error.to_string().contains("not Unicode"));
}

//
#[test]
fn the_presets_are_valid_and_slow_only_where_they_say_so() {
    let config = RetryConfig::for_tests();
    assert_eq!(config.max_attempts(), 2);
    assert_eq!(config.base_delay(), Duration::from_millis(500));
    assert_eq!(config.max_delay(), Duration::from_millis(5000));
    assert_eq!(config.timeout(), Duration::from_secs(5));
    for preset in [config, RetryConfig::instant(), RetryConfig::default()] {
        assert_eq!(preset.to_builder().build().unwrap(), preset);
    }
}

// W-A31: upstream's builder made a client that never sent anything.
#[test]
fn the_builder_cannot_make_an_invalid_configuration() {
    let error = RetryConfig::for_tests()
        .with_timeout(Duration::ZERO)
        .with_max_attempts(0)
        .with_base_delay(Duration::ZERO)
        .build()
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "max_attempts must be greater than 0; base_delay_ms must be greater than 0; \
         timeout_seconds must be greater than 0"
    );
    let error = RetryConfig::builder()
        .with_base_delay(Duration::from_secs(2))
        .with_max_delay(Duration::from_secs(1))
        .build()
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "max_delay_ms must be greater than or equal to base_delay_ms"
    );
}

proptest! {
    // nothing that an environment can hold makes it panic, and what it accepts is valid.
    #[test]
    fn any_text_gives_a_valid_configuration_or_an_error(values in prop::array::uniform4(".{0,24}|[0-9]{1,20}")) {
        let names = [MAX_ATTEMPTS, BASE_DELAY, MAX_DELAY, TIMEOUT];
        let vars: Vec<_> = names.into_iter().zip(values.iter().map(String::as_str)).collect();
        if let Ok(config) = from(&vars) {
            prop_assert_eq!(config.to_builder().build().unwrap(), config);
        }
    }
}
