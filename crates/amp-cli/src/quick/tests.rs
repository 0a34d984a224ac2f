use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use tempfile::TempDir;
use token_core::TokenData;
use token_store::{
    Binding, Change, Commit, EncryptedFileStore, FileStore, Generation, Key, KeySet, OpId, Record,
};

use super::*;

const SERVICE: &str = "https://amp.example/api";

fn words(text: &str) -> Vec<OsString> {
    text.split(' ').map(OsString::from).collect()
}

/// Token files of alice with a token that ends in so many seconds: a plain one, and an encrypted
/// one with its key in a file.
struct Place {
    directory: TempDir,
}

impl Place {
    fn with_token_for(seconds: u64) -> Self {
        let place = Self {
            directory: TempDir::new().unwrap(),
        };
        let (lifetime, day) = (Duration::from_secs(seconds), Duration::from_secs(86_400));
        let token = AccessToken::new("0123456789abcdef").unwrap();
        let obtained_at = SystemClock::default().now().wall + lifetime - day;
        let change = Change::Put(Record::new(TokenData::with_lifetime(
            token,
            obtained_at,
            day,
        )));
        let commit = Commit::new(Generation::ZERO, change, OpId::new(1));
        let binding = Binding::new(SERVICE, "alice").unwrap();
        let plain = FileStore::open(place.path("token.json"), binding.clone()).unwrap();
        plain.commit_now(commit.clone()).unwrap();

        let key = Key::generate().unwrap();
        fs::write(place.path("key"), key.to_base64().as_bytes()).unwrap();
        #[cfg(unix)]
        {
            let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
            fs::set_permissions(place.path("key"), mode).unwrap();
        }
        let keys = KeySet::new(key);
        let encrypted = EncryptedFileStore::open(place.path("token.tks"), binding, keys).unwrap();
        encrypted.commit_now(commit).unwrap();
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn ask(&self, variables: &'static [(&'static str, &'static str)]) -> Option<AccessToken> {
        self.ask_with("--token-file token.json", variables)
    }

    /// File names among the words are those of this place.
    fn ask_with(
        &self,
        flags: &str,
        variables: &'static [(&'static str, &'static str)],
    ) -> Option<AccessToken> {
        let flags = flags.split(' ').map(|word| match word {
            "token.json" | "token.tks" | "key" => self.path(word).into(),
            word => OsString::from(word),
        });
        let mut words = words("amp auth token --base-url https://amp.example/api");
        words.extend(flags);
        stored_token(&words, &Vars::of(variables))
    }
}

#[test]
fn a_fresh_token_is_answered_without_a_runtime() {
    let place = Place::with_token_for(3_600);
    let token = place.ask(&[("AMP_USERNAME", "alice")]).unwrap();
    assert_eq!(token.expose_secret(), "0123456789abcdef");
}

// C-28
#[test]
fn an_encrypted_file_with_its_key_in_a_file_is_read_without_a_runtime() {
    let place = Place::with_token_for(3_600);
    let ask = |flags: &str| place.ask_with(flags, &[("AMP_USERNAME", "alice")]);
    let token = ask("--store encrypted --token-file token.tks --key-file key").unwrap();
    assert_eq!(token.expose_secret(), "0123456789abcdef");
    assert!(ask("--store encrypted --token-file token.json --key-file key").is_none());
    assert!(ask("--store memory").is_none());
    assert!(ask("--store keyring").is_none());
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
fn a_profile_is_left_to_the_full_command() {
    let place = Place::with_token_for(3_600);
    assert!(place.ask(&[("AMP_USERNAME", "alice")]).is_some());
    let answer = place.ask(&[("AMP_USERNAME", "alice"), ("AMP_PROFILE", "test")]);
    assert!(answer.is_none());
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
        "--store encrypted --key-file key auth token",
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
        "auth token --profile test",
        "auth token --store",
        "auth token --store somewhere",
        "auth token --token-file --base-url",
        "auth token --token-file=",
        "auth token --base-url a --base-url b",
    ] {
        assert!(!understood(text), "{text}");
    }
}
