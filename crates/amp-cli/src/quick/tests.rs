use std::time::Duration;

use tempfile::TempDir;
use token_core::TokenData;
use token_store::{Binding, Change, Commit, FileStore, Generation, OpId, Record};

use super::*;

const SERVICE: &str = "https://amp.example/api";

fn words(text: &str) -> Vec<OsString> {
    text.split(' ').map(OsString::from).collect()
}

/// A token file of alice with a token that ends in so many seconds.
struct Place {
    directory: TempDir,
}

impl Place {
    fn with_token_for(seconds: u64) -> Self {
        let place = Self {
            directory: TempDir::new().unwrap(),
        };
        let obtained_at = SystemClock::default().now().wall;
        let token = AccessToken::new("0123456789abcdef").unwrap();
        let lifetime = Duration::from_secs(seconds);
        // As one that was obtained a day before its end.
        let obtained_at = obtained_at + lifetime - Duration::from_secs(86_400);
        let data = TokenData::with_lifetime(token, obtained_at, Duration::from_secs(86_400));
        let binding = Binding::new(SERVICE, "alice").unwrap();
        let store = FileStore::open(place.file(), binding).unwrap();
        let change = Change::Put(Record::new(data));
        let commit = Commit::new(Generation::ZERO, change, OpId::new(1));
        store.commit_now(commit).unwrap();
        place
    }

    fn file(&self) -> std::path::PathBuf {
        self.directory.path().join("token.json")
    }

    fn ask(&self, variables: &'static [(&'static str, &'static str)]) -> Option<AccessToken> {
        let mut words = words("amp auth token --base-url https://amp.example/api --token-file");
        words.push(self.file().into());
        stored_token(&words, &Vars::of(variables))
    }
}

#[test]
fn a_fresh_token_is_answered_without_a_runtime() {
    let place = Place::with_token_for(3_600);
    let token = place.ask(&[("AMP_USERNAME", "alice")]).unwrap();
    assert_eq!(token.expose_secret(), "0123456789abcdef");
}

// the full command renews it, and waits for that before it ends.
#[test]
fn a_token_that_ends_soon_is_left_to_the_full_command() {
    for seconds in [0, 3, 299] {
        let place = Place::with_token_for(seconds);
        let answer = place.ask(&[("AMP_USERNAME", "alice")]);
        assert!(answer.is_none(), "{seconds}");
    }
}

// W-A03
#[test]
fn the_token_of_another_user_or_of_none_is_not_answered() {
    let place = Place::with_token_for(3_600);
    assert!(place.ask(&[("AMP_USERNAME", "bob")]).is_none());
    assert!(place.ask(&[]).is_none());
}

#[test]
fn settings_that_the_full_command_refuses_are_left_to_it() {
    let place = Place::with_token_for(3_600);
    let answer = place.ask(&[
        ("AMP_USERNAME", "alice"),
        ("API_RETRY_MAX_ATTEMPTS", "many"),
    ]);
    assert!(answer.is_none());
}

#[test]
fn only_the_flags_that_say_where_the_token_is_are_understood() {
    let understood = |text: &str| globals(&words(text)).is_some();
    for text in [
        "auth token",
        "--base-url https://amp.example/api auth token",
        "auth --token-file=token.json token --store file",
    ] {
        assert!(understood(text), "{text}");
    }
    for text in [
        "auth",
        "auth status",
        "auth token extra",
        "auth token --help",
        "auth token -v",
        "auth token --json",
        "auth token --sandbox",
        "auth token --",
        "auth token --timeout 1",
        "auth token --store",
        "auth token --store memory",
        "auth token --store keyring",
        "auth token --token-file --base-url",
        "auth token --token-file=",
        "auth token --base-url a --base-url b",
    ] {
        assert!(!understood(text), "{text}");
    }
}
