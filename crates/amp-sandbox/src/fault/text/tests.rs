use super::*;

fn fault(text: &str) -> Fault {
    text.parse().unwrap_or_else(|error| panic!("{error}"))
}

fn reason(text: &str) -> String {
    match text.parse::<Fault>() {
        Ok(fault) => panic!("{text:?} was read as {fault:?}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn every_part_of_the_text_form_is_read() {
    let expected = Fault::new(FaultKind::Reset(Timing::After))
        .for_method("POST")
        .for_path("/assets/issue");
    assert_eq!(fault("POST /assets/issue=reset-after*1"), expected);
    assert_eq!(
        fault("429:2*3"),
        Fault::new(FaultKind::Throttled(RetryAfter::Seconds(2))).times(3)
    );
    assert_eq!(
        fault("PUT stall"),
        Fault::new(FaultKind::Stall(Timing::Before)).for_method("PUT")
    );
    assert_eq!(
        fault("/assets/*/lock=html*always"),
        Fault::new(FaultKind::HtmlPage)
            .for_path("/assets/*/lock")
            .always()
    );
    assert_eq!(
        fault(" latency:200ms "),
        Fault::new(FaultKind::Latency(Duration::from_millis(200)))
    );
    assert_eq!(
        fault("clock:-90s").kind(),
        &FaultKind::WrongClock(Skew::Behind(Duration::from_secs(90)))
    );
    assert_eq!(fault("oversized").kind(), &FaultKind::Oversized(OVERSIZED));
}

#[test]
fn every_kind_is_written_as_it_is_read() {
    let texts = [
        "latency:200ms",
        "503",
        "500:json*2",
        "504-after",
        "500-after:json",
        "429",
        "429:2",
        "429:date:30",
        "reset",
        "POST /assets/issue=reset-after",
        "POST reset*5%",
        "GET half-body",
        "stall",
        "stall-after",
        "truncated-json",
        "/assets/*/lock=html",
        "clock:+3600000ms",
        "clock:-1ms*always",
        "oversized:70000",
    ];
    for text in texts {
        assert_eq!(fault(text).to_string(), text);
    }
}

#[test]
fn an_error_names_the_part_and_what_is_accepted() {
    let table = [
        ("", "unknown kind \"\"; known are latency:200ms"),
        ("slow", "unknown kind \"slow\""),
        ("404", "unknown kind \"404\""),
        ("600", "unknown kind \"600\""),
        ("503:xml", "the body of a 503 is html or json, not \"xml\""),
        ("latency", "latency needs a duration"),
        (
            "latency:200",
            "the duration \"200\" is not a number with ms, s, m or h",
        ),
        ("latency:-1s", "the duration \"-1s\""),
        ("latency:s", "\"\" is not a whole number of s"),
        (
            "latency:99999999999999999999s",
            "\"99999999999999999999\" is not a whole number of s",
        ),
        ("clock:1h", "clock needs + or -"),
        ("429:soon", "\"soon\" is not a whole number of seconds"),
        ("429:date:-1", "\"-1\" is not a whole number of seconds"),
        ("reset:1", "reset takes no argument, not \"1\""),
        (
            "503*",
            "the count \"\" is neither a whole number, a percentage nor `always`",
        ),
        ("503*-1", "the count \"-1\""),
        ("post /assets=503", "\"post\" is not a method in capitals"),
        ("POST=503", "the path \"POST\" has to start with /"),
        ("POST assets=503", "the path \"assets\" has to start with /"),
        ("/api/assets=503", "so leave /api out"),
    ];
    for (text, expected) in table {
        let reason = reason(text);
        assert!(reason.contains(expected), "{text:?}: {reason}");
        assert!(reason.starts_with("invalid fault "), "{reason}");
    }
}

#[test]
fn a_duration_that_does_not_fit_saturates() {
    let longest = FaultKind::Latency(Duration::from_millis(u64::MAX));
    assert_eq!(fault("latency:18446744073709551615h").kind(), &longest);
}
