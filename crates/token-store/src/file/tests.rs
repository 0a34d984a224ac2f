//! The file store from outside: what it keeps, and what it refuses.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;

use super::codec::Codec;
use super::directory::Directory;
use super::format::Plain;
use super::handle::Handle;
use super::inner::Cached;
use super::options::Options;
use super::*;
use crate::contract::{check_contract, check_contract_between, record};
use crate::{
    Binding, Change, Commit, Committed, Generation, OpId, SharedTokenStore, StoreError,
    StoreErrorKind,
};

/// A directory of its own, removed at the end, and a path in it that is not there yet.
struct Place {
    directory: TempDir,
    path: PathBuf,
    is_encrypted: bool,
}

impl Place {
    /// For a plain store.
    fn new() -> Self {
        let directory = TempDir::new().unwrap();
        let path = directory.path().join("token.json");
        Self {
            directory,
            path,
            is_encrypted: false,
        }
    }

    fn encrypted() -> Self {
        Self {
            is_encrypted: true,
            ..Self::new()
        }
    }

    /// One for each codec: what does not depend on the bytes of the file holds for both.
    fn of_each_kind() -> Vec<Self> {
        let mut places = vec![Self::new()];
        if cfg!(feature = "encrypted") {
            places.push(Self::encrypted());
        }
        places
    }

    /// Without flushing, which is what makes a store slow.
    fn builder(&self) -> FileStoreBuilder {
        FileStore::builder(&self.path, binding("alice")).durability(Durability::None)
    }

    fn store(&self) -> Handle {
        self.store_with(quick())
    }

    fn store_with(&self, options: Options) -> Handle {
        self.store_of("alice", options)
    }

    fn store_of(&self, user: &str, options: Options) -> Handle {
        let binding = binding(user);
        let codec = self.codec(&binding);
        Handle::open(&self.path, binding, codec, options).unwrap()
    }

    #[cfg(feature = "encrypted")]
    fn codec(&self, binding: &Binding) -> Box<dyn Codec> {
        if self.is_encrypted {
            encrypted::codec_for_tests(binding)
        } else {
            plain_codec(binding)
        }
    }

    #[cfg(not(feature = "encrypted"))]
    fn codec(&self, binding: &Binding) -> Box<dyn Codec> {
        assert!(!self.is_encrypted);
        plain_codec(binding)
    }

    fn names(&self) -> Vec<String> {
        let mut names = Directory::open(self.directory.path())
            .unwrap()
            .unwrap()
            .names();
        names.sort();
        names
    }

    /// The one file that was set aside.
    fn rejected(&self) -> PathBuf {
        let names = self.names();
        let mut rejected = names.iter().filter(|name| name.contains(".rejected-"));
        let name = rejected.next().unwrap_or_else(|| panic!("{names:?}"));
        assert_eq!(rejected.next(), None);
        self.directory.path().join(name)
    }
}

fn plain_codec(binding: &Binding) -> Box<dyn Codec> {
    Box::new(Plain {
        binding: binding.clone(),
        adopt_unbound: false,
    })
}

/// Without flushing.
fn quick() -> Options {
    Options {
        durability: Durability::None,
        ..Options::default()
    }
}

fn binding(user: &str) -> Binding {
    Binding::new("https://amp.example/api", user).unwrap()
}

fn put(expected: u64, text: &str, op: u128) -> Commit {
    let change = Change::Put(record(text));
    Commit::new(Generation::new(expected), change, OpId::new(op))
}

fn stored(committed: Result<Committed, StoreError>) -> u64 {
    match committed.unwrap() {
        Committed::Stored { generation, .. } => generation.number(),
        conflict @ Committed::Conflict(_) => panic!("{conflict:?}"),
    }
}

/// A file that amp-rs wrote (A-21).
const LEGACY: &str = r#"{
  "token": "legacy-token",
  "expires_at": "2027-01-16T08:00:00Z",
  "obtained_at": "2027-01-15T08:00:00.123456789Z"
}"#;

// A-42, A-78
#[tokio::test]
async fn the_file_store_keeps_the_contract() {
    let places = std::sync::Mutex::new(Vec::new());
    check_contract(async || {
        let place = Place::new();
        let store = place.builder().open().unwrap();
        places.lock().unwrap().push(place);
        store
    })
    .await;
}

#[tokio::test]
async fn a_shared_file_store_with_full_durability_keeps_the_contract() {
    let places = std::sync::Mutex::new(Vec::new());
    check_contract(async || {
        let place = Place::new();
        let store = FileStore::open(&place.path, binding("alice")).unwrap();
        places.lock().unwrap().push(place);
        SharedTokenStore::new(store)
    })
    .await;
}

// X-30: what another handle stored is seen at once.
#[tokio::test]
async fn two_handles_on_one_path_keep_the_contract() {
    let places = std::sync::Mutex::new(Vec::new());
    check_contract_between(async || {
        let place = Place::new();
        let open = || Arc::new(place.builder().open().unwrap());
        let handles = (open(), open());
        places.lock().unwrap().push(place);
        handles
    })
    .await;
}

// Tests of other crates pause the clock; the disk does not, and nothing may time out over that.
#[tokio::test(start_paused = true)]
async fn a_paused_clock_does_not_matter() {
    let places = std::sync::Mutex::new(Vec::new());
    check_contract(async || {
        let place = Place::new();
        let store = place.builder().open().unwrap();
        places.lock().unwrap().push(place);
        store
    })
    .await;
}

#[test]
fn only_what_was_flushed_with_its_name_is_called_durable() {
    for (durability, expected) in [
        (Durability::Full, true),
        (Durability::FileOnly, false),
        (Durability::None, false),
    ] {
        let place = Place::new();
        let store = place.store_with(Options {
            durability,
            ..Options::default()
        });
        let clear = Commit::new(Generation::new(1), Change::Clear, OpId::new(2));
        for commit in [put(0, "first", 1), clear] {
            let committed = store.commit_now(commit).unwrap();
            assert!(
                matches!(committed, Committed::Stored { durable, .. } if durable == expected),
                "{durability:?}: {committed:?}"
            );
        }
    }
}

// X-17
#[test]
fn a_relative_path_is_made_absolute_when_the_store_is_opened() {
    let store = FileStore::open("token.json", binding("alice")).unwrap();
    assert!(store.path().is_absolute(), "{}", store.path().display());
}

// A-21, A-42, X-12: amp-rs reads the three keys it knows.
#[test]
fn the_file_is_pretty_json_with_the_keys_of_amp_rs_first() {
    let place = Place::new();
    assert_eq!(stored(place.store().commit_now(put(0, "first", 1))), 1);
    let text = fs::read_to_string(&place.path).unwrap();
    let keys: Vec<&str> = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix('"')?.split('"').next())
        .collect();
    assert_eq!(
        keys,
        [
            "token",
            "expires_at",
            "obtained_at",
            "refresh_token",
            "v",
            "generation",
            "origin",
            "subject",
            "checksum"
        ]
    );
    assert!(text.ends_with("}\n"), "{text}");
}

// A-34, C-65
#[test]
fn a_clear_removes_the_file_and_is_fine_when_there_is_none() {
    for place in Place::of_each_kind() {
        let store = place.store();
        stored(store.commit_now(put(0, "first", 1)));
        let clear =
            |expected, op| Commit::new(Generation::new(expected), Change::Clear, OpId::new(op));
        assert_eq!(stored(store.commit_now(clear(1, 2))), 2);
        assert!(!place.path.exists());
        assert_eq!(stored(store.commit_now(clear(2, 3))), 3);
        assert_eq!(place.store().read_now().unwrap().generation.number(), 3);
    }
}

// Expiry is the manager's decision, so that it can tell an expired record from none.
#[test]
fn an_expired_record_is_returned() {
    let place = Place::new();
    let old = LEGACY.replace("2027", "2007");
    write(&place, &old);
    let store = place.builder().adopt_unbound(true).open().unwrap();
    assert!(store.read_now().unwrap().record.is_some());
}

// X-30
#[test]
fn an_unchanged_file_is_not_read_again_and_a_changed_one_is() {
    for place in Place::of_each_kind() {
        stored(place.store().commit_now(put(0, "first", 1)));
        let store = place.store();
        *store.0.cache() = None;
        let loaded = store.read_now().unwrap();
        // A young file is not cached, so the cache is filled by hand with what cannot be in the file.
        let facts = directory::look(&place.path).unwrap().unwrap();
        let mut marked = loaded;
        marked.record = Some(record("from-the-cache"));
        *store.0.cache() = Some(Cached {
            print: facts.print,
            loaded: marked,
        });
        let again = store.read_now().unwrap().record;
        assert_eq!(again, Some(record("from-the-cache")));

        stored(place.store().commit_now(put(1, "second", 2)));
        assert_eq!(store.read_now().unwrap().record, Some(record("second")));
    }
}

// C-02, C-07, C-08, C-59, W-C07, W-S05, X-31
#[test]
fn a_writer_that_never_ends_is_an_error_after_the_timeout_and_readers_do_not_care() {
    for place in Place::of_each_kind() {
        stored(place.store().commit_now(put(0, "first", 1)));
        let holder = Directory::open(place.directory.path()).unwrap().unwrap();
        let held = lock::LockFile::try_acquire(&holder, "token.json.lock").unwrap();
        assert!(held.is_some());

        let impatient = place.store_with(Options {
            lock_timeout: Duration::ZERO,
            ..quick()
        });
        let error = impatient.commit_now(put(1, "second", 2)).unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::LockTimeout);
        assert_eq!(impatient.read_now().unwrap().record, Some(record("first")));

        drop(held);
        assert_eq!(stored(impatient.commit_now(put(1, "second", 3))), 2);
    }
}

// W-A04, C-20, C-30
#[test]
fn orphans_of_dead_writers_go_and_other_files_stay() {
    for place in Place::of_each_kind() {
        let orphan = ".token.json.4711.0123456789abcdef.tmp";
        let others = [".token.json.tmp", ".other.json.4711.0123456789abcdef.tmp"];
        for name in others.into_iter().chain([orphan]) {
            fs::write(place.directory.path().join(name), "x").unwrap();
        }
        stored(place.store().commit_now(put(0, "first", 1)));
        let names = place.names();
        assert!(!names.iter().any(|name| name == orphan), "{names:?}");
        for other in others {
            assert!(names.iter().any(|name| name == other), "{names:?}");
        }
    }
}

// W-S10, W-C01: at no moment is there no file, and at none is it another than one that was written.
#[test]
fn a_reader_never_meets_a_moment_without_a_whole_file() {
    const ROUNDS: u64 = 100;
    for place in Place::of_each_kind() {
        let writer = place.store();
        stored(writer.commit_now(put(0, "first", 1)));
        std::thread::scope(|scope| {
            let writing = scope.spawn(move || {
                for round in 1..ROUNDS {
                    stored(writer.commit_now(put(round, "next", u128::from(round) + 1)));
                }
            });
            let mut last = 0;
            while !writing.is_finished() {
                // A new handle, which remembers nothing.
                let loaded = place.store().read_now().unwrap();
                assert!(loaded.record.is_some() && loaded.notice.is_none());
                assert!(loaded.generation.number() >= last, "{loaded:?}");
                last = loaded.generation.number();
            }
        });
    }
}

// A-74
#[test]
fn debug_output_hides_the_token() {
    for place in Place::of_each_kind() {
        let store = place.store();
        stored(store.commit_now(put(0, "s3cret", 1)));
        store.read_now().unwrap();
        let shown = format!("{store:?} {:?}", put(1, "s3cret", 2));
        assert!(!shown.contains("s3cret"), "{shown}");
    }
}

#[test]
fn a_path_without_a_file_name_is_refused() {
    let error = FileStore::open("/", binding("alice")).unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::UnsafePath);
}

/// Writes a file as a person would, with the mode of a token file.
fn write(place: &Place, content: &str) {
    fs::write(&place.path, content).unwrap();
    directory::protect(&fs::File::open(&place.path).unwrap()).unwrap();
}

#[path = "count_tests.rs"]
mod count;
#[path = "refusal_tests.rs"]
mod refusal;
#[cfg(unix)]
#[path = "unix_tests.rs"]
mod unix;
