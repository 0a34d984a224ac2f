//! Keyring and store over a keyring in memory, which can be locked, slow or away.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, mpsc};

use tempfile::TempDir;

use super::*;
use crate::contract::{check_contract, check_contract_between, record};
use crate::{Binding, Change, Commit, Committed, Generation, LoadNotice, OpId, TokenStore};

/// Long enough for every answer.
const LONG: Patience = Patience::For(Duration::from_secs(60));

/// A keyring that outlives its handles.
#[derive(Clone, Default)]
struct Memory(Arc<Mutex<Content>>);

#[derive(Default)]
struct Content {
    entries: BTreeMap<String, Vec<u8>>,
    refuses: Option<StoreErrorKind>,
    /// The next change waits for this, and is made then.
    gate: Option<mpsc::Receiver<()>>,
}

impl Memory {
    fn content(&self) -> MutexGuard<'_, Content> {
        self.0.lock().unwrap()
    }

    fn names(&self) -> Vec<String> {
        self.content().entries.keys().cloned().collect()
    }

    fn keyring(&self, place: &TempDir) -> Keyring {
        self.keyring_with(place, LONG).unwrap()
    }

    fn keyring_with(&self, place: &TempDir, patience: Patience) -> Result<Keyring, StoreError> {
        let vault = self.clone();
        let open = move || Ok(Box::new(vault) as Box<dyn Vault>);
        Keyring::over(open, place.path().join("locks"), patience)
    }

    fn answer<T>(
        &self,
        change: impl FnOnce(&mut BTreeMap<String, Vec<u8>>) -> T,
    ) -> Result<T, StoreError> {
        let gate = self.content().gate.take();
        if let Some(gate) = gate {
            gate.recv().unwrap();
        }
        let mut content = self.content();
        match content.refuses {
            Some(kind) => Err(StoreError::new(kind, "refused")),
            None => Ok(change(&mut content.entries)),
        }
    }
}

impl Vault for Memory {
    fn get(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        let content = self.content();
        match content.refuses {
            Some(kind) => Err(StoreError::new(kind, "refused")),
            None => Ok(content.entries.get(name).cloned().map(Zeroizing::new)),
        }
    }

    fn set(&self, name: &str, secret: &[u8]) -> Result<(), StoreError> {
        self.answer(|entries| entries.insert(name.to_owned(), secret.to_vec()))
            .map(drop)
    }

    fn delete(&self, name: &str) -> Result<(), StoreError> {
        self.answer(|entries| entries.remove(name)).map(drop)
    }
}

fn binding() -> Binding {
    Binding::new("https://amp.example", "alice").unwrap()
}

fn entry() -> String {
    format!("record {}", binding().file_stem())
}

fn put(text: &str, expected: u64, op: u128) -> Commit {
    let change = Change::Put(record(text));
    Commit::new(Generation::new(expected), change, OpId::new(op))
}

fn stored(committed: Committed) -> u64 {
    match committed {
        Committed::Stored { generation, .. } => generation.number(),
        Committed::Conflict(loaded) => panic!("a conflict: {loaded:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_keyring_store_keeps_the_contract() {
    let places = Mutex::new(Vec::new());
    check_contract(async || {
        let place = TempDir::new().unwrap();
        let keyring = Memory::default().keyring(&place);
        places.lock().unwrap().push(place);
        KeyringStore::open(keyring, binding())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_handles_to_one_entry_keep_the_contract() {
    let places = Mutex::new(Vec::new());
    check_contract_between(async || {
        let place = TempDir::new().unwrap();
        let memory = Memory::default();
        let handle = || Arc::new(KeyringStore::open(memory.keyring(&place), binding()));
        let handles = (handle(), handle());
        places.lock().unwrap().push(place);
        handles
    })
    .await;
}

#[test]
fn opening_tries_the_keyring_out_and_leaves_nothing_behind() {
    let place = TempDir::new().unwrap();
    let memory = Memory::default();
    memory.keyring(&place);
    assert!(memory.names().is_empty(), "{:?}", memory.names());
    for kind in [StoreErrorKind::KeyringLocked, StoreErrorKind::Io] {
        memory.content().refuses = Some(kind);
        let refused = memory.keyring_with(&place, LONG);
        assert_eq!(refused.unwrap_err().kind(), kind);
    }
}

#[test]
fn a_keyring_that_forgets_is_not_used() {
    struct Forgets;
    impl Vault for Forgets {
        fn get(&self, _name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
            Ok(None)
        }
        fn set(&self, _name: &str, _secret: &[u8]) -> Result<(), StoreError> {
            Ok(())
        }
        fn delete(&self, _name: &str) -> Result<(), StoreError> {
            Ok(())
        }
    }
    let place = TempDir::new().unwrap();
    let open = || Ok(Box::new(Forgets) as Box<dyn Vault>);
    let refused = Keyring::over(open, place.path().to_owned(), LONG);
    assert_eq!(refused.unwrap_err().kind(), StoreErrorKind::Io);
}

#[test]
fn a_keyring_that_is_not_there_is_told_from_one_that_is_locked() {
    let place = TempDir::new().unwrap();
    let open = || {
        let kind = StoreErrorKind::NoKeyring;
        Err(StoreError::new(kind, "nobody serves it"))
    };
    let refused = Keyring::over(open, place.path().to_owned(), LONG);
    assert_eq!(refused.unwrap_err().kind(), StoreErrorKind::NoKeyring);
}

// The smallest keyring takes 2560 bytes.
#[test]
fn a_record_that_some_keyring_would_not_take_is_refused_and_the_earlier_one_stays() {
    let place = TempDir::new().unwrap();
    let memory = Memory::default();
    let store = KeyringStore::open(memory.keyring(&place), binding());
    assert_eq!(stored(store.commit_now(put("first", 0, 1)).unwrap()), 1);
    let error = store.commit_now(put(&"x".repeat(1200), 1, 2)).unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::TooLarge, "{error}");
    assert!(!format!("{error:?}").contains("xxx"), "{error:?}");
    assert_eq!(store.read_now().unwrap().record, Some(record("first")));
}

// The caller goes on, and no later writer is overtaken by what was given up.
#[test]
fn a_change_that_the_keyring_makes_too_late_keeps_its_lock_until_then() {
    let place = TempDir::new().unwrap();
    let memory = Memory::default();
    let give_up = Arc::new(AtomicBool::new(false));
    let patience = Patience::UntilTold(Arc::clone(&give_up));
    let keyring = memory.keyring_with(&place, patience);
    let store = KeyringStore::open(keyring.unwrap(), binding());
    let (open_gate, gate) = mpsc::channel();
    memory.content().gate = Some(gate);
    std::thread::scope(|scope| {
        let late = scope.spawn(|| store.commit_now(put("late", 0, 1)));
        while memory.content().gate.is_some() {
            std::thread::yield_now();
        }
        give_up.store(true, Ordering::Relaxed);
        let error = late.join().unwrap().unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::KeyringTimeout, "{error}");
    });

    let directory = Directory::open(&place.path().join("locks"))
        .unwrap()
        .unwrap();
    let lock_name = store.lock_path();
    let lock_name = lock_name.file_name().unwrap().to_str().unwrap();
    let held = LockFile::try_acquire(&directory, lock_name).unwrap();
    assert!(held.is_none(), "the change may still be made");

    open_gate.send(()).unwrap();
    let other = KeyringStore::open(memory.keyring(&place), binding());
    // Waits for the lock, and so for the change.
    assert_eq!(stored(other.commit_now(put("late", 0, 1)).unwrap()), 1);
    assert_eq!(other.read_now().unwrap().record, Some(record("late")));
}

// W-C08
#[test]
fn an_entry_that_is_no_record_is_moved_away_and_a_foreign_one_is_left_alone() {
    let place = TempDir::new().unwrap();
    let memory = Memory::default();
    let store = KeyringStore::open(memory.keyring(&place), binding());
    stored(store.commit_now(put("first", 0, 1)).unwrap());
    memory.content().entries.insert(entry(), b"{".to_vec());
    let loaded = store.read_now().unwrap();
    assert_eq!(loaded.record, None);
    assert_eq!(loaded.generation, Generation::new(1), "the count goes on");
    let Some(LoadNotice::SetAside { renamed_to, .. }) = loaded.notice else {
        panic!("{loaded:?}");
    };
    assert_eq!(memory.names(), [renamed_to]);

    let bob = Binding::new("https://amp.example", "bob").unwrap();
    let theirs = KeyringStore::open(memory.keyring(&place), bob);
    stored(theirs.commit_now(put("theirs", 0, 2)).unwrap());
    let moved = memory.content().entries.remove(&theirs_entry()).unwrap();
    memory.content().entries.insert(entry(), moved.clone());
    for _ in 0..2 {
        let error = store.read_now().unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Foreign, "{error}");
    }
    let kept = memory.content().entries[&entry()].clone();
    assert_eq!(kept, moved);
}

fn theirs_entry() -> String {
    let bob = Binding::new("https://amp.example", "bob").unwrap();
    format!("record {}", bob.file_stem())
}

#[test]
fn the_generation_survives_a_clear_and_every_handle() {
    let place = TempDir::new().unwrap();
    let memory = Memory::default();
    let first = KeyringStore::open(memory.keyring(&place), binding());
    stored(first.commit_now(put("first", 0, 1)).unwrap());
    let clear = Commit::new(Generation::new(1), Change::Clear, OpId::new(2));
    assert_eq!(stored(first.commit_now(clear).unwrap()), 2);
    drop(first);
    assert!(memory.names().is_empty(), "{:?}", memory.names());
    let later = KeyringStore::open(memory.keyring(&place), binding());
    let loaded = later.read_now().unwrap();
    assert_eq!((loaded.record, loaded.generation.number()), (None, 2));
}

// A keyring knows no compare-and-swap, so two who both found no key would each keep theirs.
#[test]
fn while_a_key_is_made_nobody_else_can_make_one() {
    let place = TempDir::new().unwrap();
    let memory = Memory::default();
    let keyring = memory.keyring(&place);
    let [first, second] = [(); 2].map(|()| Key::generate().unwrap());
    let (open_gate, gate) = mpsc::channel();
    memory.content().gate = Some(gate);
    std::thread::scope(|scope| {
        let making = scope.spawn(|| keyring.keys(&first).unwrap());
        while memory.content().gate.is_some() {
            std::thread::yield_now();
        }
        let directory = Directory::open(keyring.locks()).unwrap().unwrap();
        let held = LockFile::try_acquire(&directory, LOCK_NAME).unwrap();
        assert!(held.is_none(), "the key is not kept yet");
        open_gate.send(()).unwrap();
        assert_eq!(making.join().unwrap()[0].id(), first.id());
    });
    let found = memory.keyring(&place).keys(&second).unwrap();
    assert_eq!(found[0].id(), first.id());
}

#[test]
fn a_rotated_key_opens_and_the_new_one_seals() {
    let place = TempDir::new().unwrap();
    let memory = Memory::default();
    let keyring = memory.keyring(&place);
    let [old, new] = [(); 2].map(|()| Key::generate().unwrap());
    keyring.keys(&old).unwrap();
    keyring.rotate(&new).unwrap();
    let ids: Vec<_> = keyring.keys(&old).unwrap().iter().map(Key::id).collect();
    assert_eq!(ids, [new.id(), old.id()]);
    for _ in 0..60 {
        keyring.rotate(&Key::generate().unwrap()).unwrap();
    }
    let size = memory.content().entries[KEYS].len();
    assert!(size <= vault::MAX_BYTES, "{size}");
}

#[test]
fn an_entry_without_a_key_is_never_replaced() {
    let place = TempDir::new().unwrap();
    let memory = Memory::default();
    memory
        .content()
        .entries
        .insert(KEYS.to_owned(), b"rotten".to_vec());
    let keyring = memory.keyring(&place);
    let fresh = Key::generate().unwrap();
    for answer in [keyring.keys(&fresh).map(drop), keyring.rotate(&fresh)] {
        let error = answer.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::InvalidKey, "{error}");
        assert!(!format!("{error:?}").contains("rotten"), "{error:?}");
    }
    assert_eq!(memory.content().entries[KEYS], b"rotten");
}

//
#[tokio::test]
async fn debug_output_hides_token_and_key() {
    let place = TempDir::new().unwrap();
    let store = KeyringStore::open(Memory::default().keyring(&place), binding());
    store.commit(put("s3cret", 0, 1)).await.unwrap();
    let shown = format!("{store:?} {:?}", KeyringOnDemand::new(place.path()));
    assert!(!shown.contains("s3cret"), "{shown}");
}
