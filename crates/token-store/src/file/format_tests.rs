//! The text of the file.

use super::*;
use crate::contract::record;

fn binding() -> Binding {
    Binding::new("https://amp.example/api", "alice").unwrap()
}

fn written() -> String {
    let bytes = serialise(&record("a\"b\\c"), Generation::new(7), &binding()).unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn parsed(text: &str) -> Result<Parsed, Defect> {
    parse(text.as_bytes(), &binding(), true)
}

// A-21
#[test]
fn a_record_comes_back_as_it_was_written() {
    match parsed(&written()).unwrap() {
        Parsed::Record(read) => {
            assert_eq!(read.record, record("a\"b\\c"));
            assert_eq!(read.generation, Generation::new(7));
            assert_eq!(read.notice, None);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_largest_record_fits() {
    let text = "\"".repeat(4_096 - "refresh-".len());
    let user = "\\".repeat(4_096);
    let binding = Binding::new("https://amp.example/api", &user)
        .and_then(|binding| binding.with_project(&user))
        .and_then(|binding| binding.with_namespace(&user))
        .unwrap();
    let bytes = serialise(&record(&text), Generation::new(MAX_GENERATION), &binding).unwrap();
    assert!(bytes.len() <= MAX_BYTES, "{}", bytes.len());
    assert!(matches!(
        parse(&bytes, &binding, false),
        Ok(Parsed::Record(_))
    ));
}

// C-29, W-A03
#[test]
fn the_record_of_another_project_is_left_alone() {
    let project = |name| binding().with_project(name).unwrap();
    let staging = project("a").with_namespace("staging").unwrap();
    let bindings = [binding(), project("a"), project("b"), staging];
    for ours in &bindings {
        let bytes = serialise(&record("bound"), Generation::new(7), ours).unwrap();
        for reader in &bindings {
            let parsed = parse(&bytes, reader, true).unwrap();
            let is_read = matches!(parsed, Parsed::Record(_));
            assert_eq!(is_read, ours == reader, "{ours:?} {reader:?} {parsed:?}");
        }
    }
}

#[test]
fn unknown_keys_and_other_spaces_do_not_matter() {
    let compact: String = written().lines().map(str::trim).collect();
    let extended = compact.replacen('{', r#"{"scope": ["a"],"#, 1);
    assert!(matches!(parsed(&extended), Ok(Parsed::Record(_))));
}

#[test]
fn every_rotten_digit_is_noticed() {
    let text = written();
    for (from, to) in [
        ("\"generation\": 7", "\"generation\": 8"),
        ("2027-01-15", "2027-01-14"),
        ("a\\\"b", "a\\\"c"),
        ("refresh-a", "refresh-b"),
    ] {
        let rotten = text.replacen(from, to, 1);
        assert_ne!(rotten, text);
        assert_eq!(
            parsed(&rotten).unwrap_err(),
            Defect::WrongChecksum,
            "{from}"
        );
    }
}

#[test]
fn every_truncation_is_noticed() {
    let text = written();
    let end = text.trim_end().len();
    for length in 0..end {
        assert!(parsed(&text[..length]).is_err(), "{length}");
    }
}

#[test]
fn a_key_twice_is_refused_even_if_nobody_knows_it() {
    for doubled in [
        r#""v": 1,"#,
        r#""token": "x","#,
        r#""scope": 1, "scope": 2,"#,
    ] {
        let text = written().replacen('{', &format!("{{{doubled}"), 1);
        assert_eq!(
            parsed(&text).unwrap_err(),
            Defect::DuplicateKey,
            "{doubled}"
        );
    }
}

#[test]
fn a_generation_that_cannot_be_counted_on_is_refused() {
    let text = written().replacen("\"generation\": 7", "\"generation\": 9007199254740993", 1);
    assert_eq!(parsed(&text).unwrap_err(), Defect::WrongContent);
}

// A-74
#[test]
fn no_defect_repeats_content() {
    let broken = [
        r#"{"token": "s3cret", "#,
        r#"{"token": ["s3cret"]}"#,
        r#"{"token": "s3cret", "expires_at": "s3cret", "obtained_at": 1}"#,
        "s3cret",
    ];
    for text in broken {
        let shown = format!("{0} {0:?}", parsed(text).unwrap_err());
        assert!(!shown.contains("s3cret"), "{shown}");
    }
}
