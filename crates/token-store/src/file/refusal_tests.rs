//! Files whose content is not for us, or for nobody.

use super::*;
use crate::LoadNotice;

// W-A03, X-17
#[test]
fn a_legacy_file_is_adopted_only_when_asked_and_bound_by_the_next_store() {
    let place = Place::new();
    write(&place, LEGACY);
    let error = place.store().read_now().unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Foreign);
    let error = place.store().commit_now(put(0, "new", 1)).unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Foreign);
    assert_eq!(fs::read_to_string(&place.path).unwrap(), LEGACY);

    let adopting = place.builder().adopt_unbound(true).open().unwrap();
    let loaded = adopting.read_now().unwrap();
    assert_eq!(loaded.generation, Generation::ZERO);
    assert_eq!(loaded.notice, Some(LoadNotice::Unbound));
    let record = loaded.record.unwrap();
    assert_eq!(record.token.token().expose_secret(), "legacy-token");

    assert_eq!(stored(adopting.commit_now(put(0, "new", 2))), 1);
    assert_eq!(place.store().read_now().unwrap().notice, None);
}

// W-A03
#[test]
fn the_record_of_another_user_or_service_is_neither_served_nor_overwritten() {
    let place = Place::new();
    stored(place.store().commit_now(put(0, "alices", 1)));
    let before = fs::read(&place.path).unwrap();
    let elsewhere = Binding::new("https://live.example/api", "alice").unwrap();
    for other in [binding("bob"), elsewhere] {
        let store = FileStore::open(&place.path, other).unwrap();
        let error = store.read_now().unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Foreign, "{error}");
        let error = store.commit_now(put(1, "stolen", 2)).unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Foreign, "{error}");
        assert!(!format!("{error:?}").contains("alices"), "{error:?}");
    }
    assert_eq!(fs::read(&place.path).unwrap(), before);
}

#[test]
fn the_file_of_a_newer_version_is_left_alone() {
    let place = Place::new();
    let newer = r#"{"v": 2, "token": {"sealed": true}, "generation": "many"}"#;
    write(&place, newer);
    let store = place.store();
    let error = store.read_now().unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::UnsupportedVersion);
    let error = store.commit_now(put(0, "new", 1)).unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::UnsupportedVersion);
    assert_eq!(fs::read_to_string(&place.path).unwrap(), newer);
}

#[cfg(unix)]
#[test]
fn what_is_not_for_us_is_left_alone_whatever_its_mode() {
    use std::os::unix::fs::PermissionsExt;
    for (content, kind) in [
        (r#"{"v": 2}"#, StoreErrorKind::UnsupportedVersion),
        (LEGACY, StoreErrorKind::Foreign),
    ] {
        let place = Place::new();
        fs::write(&place.path, content).unwrap();
        fs::set_permissions(&place.path, fs::Permissions::from_mode(0o644)).unwrap();
        assert_eq!(place.store().read_now().unwrap_err().kind(), kind);
        assert_eq!(fs::read_to_string(&place.path).unwrap(), content);
    }
}

#[test]
fn a_file_in_place_of_the_lock_file_that_is_no_lock_file_is_left_alone() {
    let place = Place::new();
    let lock = place.directory.path().join("token.json.lock");
    let content = "# somebody's list of versions\n".repeat(10);
    fs::write(&lock, &content).unwrap();
    let error = place.store().commit_now(put(0, "new", 1)).unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::UnsafePath, "{error}");
    assert_eq!(fs::read_to_string(&lock).unwrap(), content);
}

// A-45, C-09, C-15, X-28, W-S11
#[test]
fn a_file_that_cannot_be_parsed_is_set_aside_whole() {
    let cases = [
        ("", "empty"),
        (&LEGACY[..40], "ends too early"),
        ("token=abc", "not JSON"),
        ("[]", "a value it cannot have"),
        (r#"{"token": "abc"}"#, "a key is missing"),
        (r#"{"token": "a", "token": "b"}"#, "twice"),
    ];
    for (content, reason) in cases {
        let place = Place::new();
        write(&place, content);
        let store = place.store();
        let loaded = store.read_now().unwrap();
        assert_eq!(loaded.record, None);
        let notice = loaded.notice.unwrap().to_string();
        assert!(notice.contains(reason), "{notice}");
        assert_eq!(fs::read_to_string(place.rejected()).unwrap(), content);
        assert_eq!(stored(store.commit_now(put(0, "new", 1))), 1);
    }
}

// C-05, C-58
#[test]
fn a_file_of_65536_bytes_is_read_and_one_byte_more_is_set_aside() {
    let padded = |size: usize| format!("{LEGACY}{}", " ".repeat(size - LEGACY.len()));
    for (size, usable) in [(65_536, true), (65_537, false), (200_000, false)] {
        let place = Place::new();
        write(&place, &padded(size));
        let store = place.builder().adopt_unbound(true).open().unwrap();
        let loaded = store.read_now().unwrap();
        assert_eq!(loaded.record.is_some(), usable, "{size}");
    }
}

// W-S11: a commit meets the same judgement as a load.
#[test]
fn a_commit_sets_a_bad_file_aside_before_it_stores() {
    let place = Place::new();
    write(&place, "garbage");
    assert_eq!(stored(place.store().commit_now(put(0, "new", 1))), 1);
    assert_eq!(fs::read_to_string(place.rejected()).unwrap(), "garbage");
}

#[test]
fn the_two_newest_rejected_files_are_kept() {
    let place = Place::new();
    for content in ["first", "second", "third", "fourth"] {
        write(&place, content);
        place.store().read_now().unwrap();
    }
    let names = place.names();
    let rejected = names.iter().filter(|name| name.contains(".rejected-"));
    let kept: Vec<String> = rejected
        .map(|name| fs::read_to_string(place.directory.path().join(name)).unwrap())
        .collect();
    assert_eq!(kept, ["third", "fourth"]);
}
