//! What reading a token file costs in allocations. This is a program of its own, because its
//! allocator counts.
#![cfg(feature = "encrypted")]
#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::time::{Duration, SystemTime};

use allocation_counter::measure;
use tempfile::TempDir;
use token_core::{AccessToken, TokenData};
use token_store::{
    Binding, Change, Commit, EncryptedFileStore, Generation, Key, KeySet, OpId, Randomness, Record,
    Sealer,
};
use zeroize::Zeroizing;

fn keys() -> KeySet {
    KeySet::new(Key::new(Zeroizing::new([7; 32])))
}

fn binding() -> Binding {
    Binding::new("https://cidx.example", "alice").unwrap()
}

fn record() -> Record {
    let obtained_at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
    let token = AccessToken::new("x".repeat(40)).unwrap();
    Record::new(TokenData::with_lifetime(
        token,
        obtained_at,
        Duration::from_secs(86_400),
    ))
}

// The buffer, the text of the token and its reference count.
#[test]
fn opening_an_envelope_costs_three_allocations() {
    let sealer = Sealer::new(keys(), &binding());
    let randomness = Randomness::from_system().unwrap();
    let sealed = sealer.seal(
        &record(),
        Generation::new(1),
        SystemTime::UNIX_EPOCH,
        randomness,
    );
    let sealed = sealed.unwrap();
    let cost = measure(|| drop(sealer.open(&sealed).unwrap()));
    assert_eq!(cost.count_total, 3);
}

// Besides the three there is the name of the file for the system, more than once.
#[test]
fn reading_a_file_for_the_second_time_costs_little_more_than_opening_it() {
    let place = TempDir::new().unwrap();
    let path = place.path().join("token.tks");
    let store = EncryptedFileStore::open(path, binding(), keys()).unwrap();
    let change = Change::Put(record());
    store
        .commit_now(Commit::new(Generation::ZERO, change, OpId::new(1)))
        .unwrap();
    store.read_now().unwrap();
    let cost = measure(|| drop(store.read_now().unwrap()));
    assert!(cost.count_total <= 5, "{}", cost.count_total);
}
