//! The generation when several things happen at once.

use std::time::Instant;

use super::commit::Transaction;
use super::*;

fn clear(expected: u64, op: u128) -> Commit {
    Commit::new(Generation::new(expected), Change::Clear, OpId::new(op))
}

// odd generations are stored, even ones are cleared, and nothing else was ever committed.
#[test]
fn a_reader_beside_a_clear_never_mixes_two_generations() {
    const ROUNDS: u64 = 100;
    for place in Place::of_each_kind() {
        let (writer, reader) = (place.store(), place.store());
        std::thread::scope(|scope| {
            let writing = scope.spawn(move || {
                for round in 0..ROUNDS {
                    let (before, op) = (2 * round, u128::from(2 * round));
                    stored(writer.commit_now(put(before, "first", op + 1)));
                    stored(writer.commit_now(clear(before + 1, op + 2)));
                }
            });
            while !writing.is_finished() {
                let loaded = reader.read_now().unwrap();
                let is_odd = loaded.generation.number() % 2 == 1;
                assert_eq!(loaded.record.is_some(), is_odd, "{loaded:?}");
            }
        });
    }
}

//
#[test]
fn a_file_that_went_away_during_the_look_is_looked_for_again() {
    for place in Place::of_each_kind() {
        let store = place.store();
        stored(store.commit_now(put(0, "first", 1)));
        let directory = Directory::open(place.directory.path()).unwrap().unwrap();
        let before = lock::peek(&directory, "token.json.lock");
        stored(store.commit_now(clear(1, 2)));
        assert!(store.0.absent(&directory, before).is_none());

        let settled = lock::peek(&directory, "token.json.lock");
        let loaded = store.0.absent(&directory, settled).unwrap();
        assert_eq!(loaded.generation.number(), 2);
    }
}

// the last clone of a token wipes it, so no handle may keep one.
#[test]
fn a_token_that_is_gone_from_the_file_is_not_kept_in_memory() {
    for place in Place::of_each_kind() {
        let (first, second) = (place.store(), place.store());
        stored(first.commit_now(put(0, "first", 1)));
        for store in [&first, &second] {
            let loaded = store.read_now().unwrap();
            let facts = directory::look(&place.path).unwrap().unwrap();
            let print = facts.print;
            *store.0.cache() = Some(Cached { print, loaded });
        }
        stored(first.commit_now(clear(1, 2)));
        assert!(first.0.cache().is_none());
        second.read_now().unwrap();
        assert!(second.0.cache().is_none());
    }
}

// A caller who gave up and asks again may come after somebody else.
#[test]
fn an_operation_that_was_made_while_its_repetition_waited_is_not_a_conflict() {
    for place in Place::of_each_kind() {
        let store = place.store();
        stored(store.commit_now(put(0, "first", 1)));
        stored(store.commit_now(put(1, "second", 2)));
        let waited = Transaction::begin(&store.0, Instant::now()).unwrap();
        assert_eq!(stored(waited.commit(put(0, "first", 1))), 1);
        let loaded = store.read_now().unwrap();
        assert_eq!(loaded.record, Some(record("second")));
        assert_eq!(loaded.generation.number(), 2);
    }
}

#[test]
fn the_generation_of_a_killed_writer_is_not_used_again_when_its_file_is_set_aside() {
    for place in Place::of_each_kind() {
        stored(place.store().commit_now(put(0, "first", 1)));
        stored(place.store().commit_now(put(1, "second", 2)));
        leave_intent(&place, 2, 2, false);
        write(&place, "rotten");
        for _ in 0..2 {
            let loaded = place.store().read_now().unwrap();
            assert_eq!(loaded.generation.number(), 2);
        }
        assert_eq!(stored(place.store().commit_now(put(2, "third", 3))), 3);
    }
}

#[test]
fn an_older_copy_does_not_turn_the_generation_back() {
    let place = Place::new();
    let store = place.store();
    stored(store.commit_now(put(0, "first", 1)));
    let copy = fs::read(&place.path).unwrap();
    stored(store.commit_now(put(1, "second", 2)));
    fs::write(&place.path, copy).unwrap();
    assert_eq!(store.read_now().unwrap().generation.number(), 2);
    assert_eq!(stored(store.commit_now(put(2, "third", 3))), 3);
}

// Lock records are hints: without them everything works.
#[test]
fn a_damaged_or_missing_lock_record_counts_as_empty() {
    for place in Place::of_each_kind() {
        let lock = place.directory.path().join("token.json.lock");
        for (index, body) in ["", "short", &"x".repeat(128)].into_iter().enumerate() {
            fs::write(&lock, body).unwrap();
            let generation = index as u64;
            let op = 10 + index as u128;
            let committed = place.store().commit_now(put(generation, "next", op));
            assert_eq!(stored(committed), generation + 1);
        }
        fs::remove_file(&lock).unwrap();
        assert_eq!(place.store().read_now().unwrap().generation.number(), 3);
    }
}

#[test]
fn a_killed_writer_s_operation_is_known_by_what_it_left() {
    for place in Place::of_each_kind() {
        stored(place.store().commit_now(put(0, "first", 1)));
        let left = |subject, op, clearing| leave_intent(&place, subject, op, clearing);
        let clear = Commit::new(Generation::new(1), Change::Clear, OpId::new(3));

        // It was killed after the rename: the operation happened.
        left(1, 1, false);
        assert_eq!(stored(place.store().commit_now(put(0, "first", 1))), 1);
        // It was killed before the rename: the operation is made now.
        left(2, 2, false);
        assert_eq!(stored(place.store().commit_now(put(1, "second", 2))), 2);
        assert_eq!(place.store().read_now().unwrap().generation.number(), 2);
        // It was killed before it removed the file.
        left(3, 3, true);
        let late = place.store().commit_now(clear.clone()).unwrap();
        assert!(matches!(late, Committed::Conflict(loaded) if loaded.generation.number() == 2));
        // It was killed after that.
        left(3, 4, true);
        fs::remove_file(&place.path).unwrap();
        assert_eq!(place.store().read_now().unwrap().generation.number(), 3);
        let again = Commit::new(Generation::new(2), Change::Clear, OpId::new(4));
        assert_eq!(stored(place.store().commit_now(again)), 3);
    }
}

/// Writes the lock record of a writer that was killed while it made this generation.
fn leave_intent(place: &Place, subject: u64, op: u128, clearing: bool) {
    use lock_record::{LockRecord, State};
    let record = LockRecord {
        state: State::Writing,
        subject: Generation::new(subject),
        last: Generation::new(subject - 1),
        operation: Some(OpId::new(op)),
        clearing,
        ..LockRecord::default()
    };
    let path = place.directory.path().join("token.json.lock");
    fs::write(path, record.encode()).unwrap();
}
