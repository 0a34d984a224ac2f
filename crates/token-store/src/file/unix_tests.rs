//! Owners, modes, links and other things that only Unix has.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;

use super::*;
use crate::LoadNotice;

const VICTIM: &str = "somebody else's bytes";

fn mode_of(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

fn assert_left_alone(place: &Place) {
    let store = place.store();
    let error = store.read_now().unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::UnsafePath, "{error}");
    let error = store.commit_now(put(0, "new", 1)).unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::UnsafePath, "{error}");
    let names = place.names();
    assert!(
        !names.iter().any(|name| name.contains("rejected")),
        "{names:?}"
    );
}

// A-46, C-04, W-A04
#[test]
fn every_file_that_a_store_makes_is_the_owner_s_alone() {
    for place in Place::of_each_kind() {
        let store = place.store();
        stored(store.commit_now(put(0, "first", 1)));
        lease::try_lease(place.directory.path(), "token.json.refresh.lock").unwrap();
        let names = place.names();
        assert_eq!(
            names,
            ["token.json", "token.json.lock", "token.json.refresh.lock"]
        );
        for name in names {
            assert_eq!(
                mode_of(&place.directory.path().join(&name)),
                0o600,
                "{name}"
            );
        }
    }
}

// C-20, W-C01
#[test]
fn a_temporary_file_is_never_an_existing_one() {
    for place in Place::of_each_kind() {
        let directory = Directory::open(place.directory.path()).unwrap().unwrap();
        let file = directory.create_new("made").unwrap();
        assert_eq!(mode_of(&place.directory.path().join("made")), 0o600);
        assert_eq!(file.metadata().unwrap().nlink(), 1);
        let again = directory.create_new("made").unwrap_err();
        assert_eq!(again.kind(), std::io::ErrorKind::AlreadyExists);
    }
}

// C-03
#[test]
fn missing_directories_are_made_for_the_owner_alone() {
    for place in Place::of_each_kind() {
        let deep = place.directory.path().join("state/amp/token.json");
        let store = FileStore::open(&deep, binding("alice")).unwrap();
        assert_eq!(store.read_now().unwrap().record, None);
        assert!(
            !place.directory.path().join("state").exists(),
            "a load makes nothing"
        );
        stored(store.commit_now(put(0, "first", 1)));
        for made in ["state", "state/amp"] {
            assert_eq!(mode_of(&place.directory.path().join(made)), 0o700, "{made}");
        }
        let ignored = fs::read_to_string(deep.with_file_name(".gitignore")).unwrap();
        assert_eq!(ignored, "*\n");
        assert!(
            !place.path.with_file_name(".gitignore").exists(),
            "not ours"
        );
    }
}

// C-06, W-C05, X-18, W-A04
#[test]
fn a_file_that_others_may_read_is_set_aside() {
    for mode in [0o644, 0o640, 0o602, 0o601] {
        for place in Place::of_each_kind() {
            stored(place.store().commit_now(put(0, "exposed", 1)));
            set_mode(&place.path, mode);
            let loaded = place.store().read_now().unwrap();
            assert_eq!(loaded.record, None, "{mode:o}");
            assert_eq!(loaded.generation.number(), 1);
            let notice = loaded.notice.unwrap().to_string();
            assert!(notice.contains(&format!("mode {mode:o}")), "{notice}");
            assert_eq!(mode_of(&place.rejected()), 0o600);
        }
    }
}

// whoever cannot rename it, or dies before that, leaves it as suspicious as it was.
#[test]
fn a_file_that_cannot_be_set_aside_is_not_trusted_the_next_time() {
    for place in Place::of_each_kind() {
        stored(place.store().commit_now(put(0, "exposed", 1)));
        set_mode(&place.path, 0o666);
        // The last of all names is taken by what no file can replace.
        let last = format!("token.json.rejected-{}", u128::MAX);
        fs::create_dir(place.directory.path().join(last)).unwrap();
        for _ in 0..2 {
            let answer = place.store().read_now();
            assert!(answer.is_err(), "{answer:?}");
            assert_eq!(mode_of(&place.path), 0o666);
        }
    }
}

// C-57, X-18
#[test]
fn repairing_sets_the_mode_and_uses_the_file() {
    for place in Place::of_each_kind() {
        stored(place.store().commit_now(put(0, "first", 1)));
        set_mode(&place.path, 0o644);
        let store = place.store_with(Options {
            repair: RepairMode::Repair,
            ..quick()
        });
        let loaded = store.read_now().unwrap();
        assert_eq!(loaded.record, Some(record("first")));
        assert_eq!(loaded.notice, Some(LoadNotice::Repaired { mode: 0o644 }));
        assert_eq!(mode_of(&place.path), 0o600);
        assert_eq!(store.read_now().unwrap().notice, None);
    }
}

#[test]
fn a_symbolic_link_is_not_followed_and_its_target_is_untouched() {
    for place in Place::of_each_kind() {
        let victim = place.directory.path().join("victim");
        fs::write(&victim, VICTIM).unwrap();
        set_mode(&victim, 0o644);
        symlink(&victim, &place.path).unwrap();
        assert_left_alone(&place);
        assert_eq!(fs::read_to_string(&victim).unwrap(), VICTIM);
        assert_eq!(mode_of(&victim), 0o644);
        assert!(place.path.is_symlink());
    }
}

#[test]
fn a_dangling_symbolic_link_is_no_absent_file() {
    for place in Place::of_each_kind() {
        let target = place.directory.path().join("nowhere");
        symlink(&target, &place.path).unwrap();
        assert_left_alone(&place);
        assert!(!target.exists());
    }
}

#[test]
fn a_link_in_place_of_a_lock_file_is_not_followed() {
    for name in ["token.json.lock", "token.json.refresh.lock"] {
        let place = Place::new();
        let victim = place.directory.path().join("victim");
        fs::write(&victim, VICTIM).unwrap();
        symlink(&victim, place.directory.path().join(name)).unwrap();
        let outcome = match name {
            "token.json.lock" => place.store().commit_now(put(0, "new", 1)).err(),
            _ => lease::try_lease(place.directory.path(), name).err(),
        };
        assert_eq!(outcome.unwrap().kind(), StoreErrorKind::UnsafePath);
        assert_eq!(fs::read_to_string(&victim).unwrap(), VICTIM);
    }
}

#[test]
fn a_second_name_of_somebody_s_file_is_set_aside_and_the_file_is_untouched() {
    for place in Place::of_each_kind() {
        let victim = place.directory.path().join("victim");
        fs::write(&victim, VICTIM).unwrap();
        set_mode(&victim, 0o644);
        fs::hard_link(&victim, &place.path).unwrap();
        let loaded = place.store().read_now().unwrap();
        let notice = loaded.notice.unwrap().to_string();
        assert!(notice.contains("second name"), "{notice}");
        assert_eq!(fs::read_to_string(&victim).unwrap(), VICTIM);
        assert_eq!(mode_of(&victim), 0o644);
        stored(place.store().commit_now(put(0, "new", 1)));
        assert_eq!(fs::read_to_string(&victim).unwrap(), VICTIM);
    }
}

#[test]
fn a_pipe_is_refused_without_waiting_for_its_other_end() {
    for place in Place::of_each_kind() {
        let made = std::process::Command::new("mkfifo")
            .arg(&place.path)
            .status();
        assert!(made.unwrap().success());
        assert_left_alone(&place);
        let directory = Directory::open(place.directory.path()).unwrap().unwrap();
        assert!(
            directory.open_to_read("token.json").is_ok(),
            "opening waits"
        );
    }
}

#[test]
fn a_directory_in_place_of_the_file_is_left_alone() {
    for place in Place::of_each_kind() {
        fs::create_dir(&place.path).unwrap();
        assert_left_alone(&place);
        assert!(place.path.is_dir());
    }
}

//
#[test]
fn a_directory_that_others_may_write_to_is_refused_unless_it_is_sticky() {
    for (mode, refused) in [
        (0o777, true),
        (0o1777, false),
        (0o702, true),
        (0o755, false),
    ] {
        let place = Place::new();
        set_mode(place.directory.path(), mode);
        let answer = place.store().read_now();
        let kind = answer.as_ref().err().map(StoreError::kind);
        let expected = refused.then_some(StoreErrorKind::UnsafePath);
        assert_eq!(kind, expected, "{mode:o}: {answer:?}");
    }
}

// the user's own group is the user.
#[test]
fn a_directory_of_the_user_s_own_group_is_fine() {
    for place in Place::of_each_kind() {
        let path = place.directory.path();
        assert_eq!(
            fs::metadata(path).unwrap().gid(),
            rustix::process::getegid().as_raw()
        );
        set_mode(path, 0o770);
        assert_eq!(place.store().read_now().unwrap().record, None);
    }
}

// only root can give a file away, so without root this checks the judgement alone.
#[test]
fn what_belongs_to_another_user_is_left_alone() {
    for place in Place::of_each_kind() {
        stored(place.store().commit_now(put(0, "planted", 1)));
        if std::os::unix::fs::chown(&place.path, Some(12_345), None).is_ok() {
            let before = fs::read(&place.path).unwrap();
            assert_left_alone(&place);
            assert_eq!(fs::read(&place.path).unwrap(), before);
        }
        let other = if rustix::process::geteuid().is_root() {
            "/proc/self"
        } else {
            "/root"
        };
        let owner = fs::metadata(other).unwrap().uid();
        assert_eq!(owner, 0);
        let facts = directory::facts(&fs::metadata("/").unwrap());
        assert_eq!(facts.ours, rustix::process::geteuid().is_root());
    }
}

#[test]
fn a_file_in_the_way_of_the_directory_is_an_error() {
    for place in Place::of_each_kind() {
        fs::write(place.directory.path().join("file"), VICTIM).unwrap();
        let below = place.directory.path().join("file/token.json");
        let store = FileStore::open(below, binding("alice")).unwrap();
        assert_eq!(
            store.read_now().unwrap_err().kind(),
            StoreErrorKind::UnsafePath
        );
    }
}

// C-30, A-38: where nobody may write, not even root, the error says so.
#[cfg(target_os = "linux")]
#[test]
fn a_place_that_cannot_be_written_is_denied_and_nothing_stays_there() {
    let store = FileStore::open("/sys/kernel/token.json", binding("alice")).unwrap();
    assert_eq!(store.read_now().unwrap().record, None);
    let error = store.commit_now(put(0, "new", 1)).unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Denied, "{error:?}");
    assert!(!Path::new("/sys/kernel/token.json").exists());
}

// C-30
#[test]
fn the_system_s_errors_have_their_kinds() {
    use rustix::io::Errno;
    let cases = [
        (Errno::NOSPC, StoreErrorKind::NoSpace),
        (Errno::DQUOT, StoreErrorKind::NoSpace),
        (Errno::ROFS, StoreErrorKind::Denied),
        (Errno::ACCESS, StoreErrorKind::Denied),
        (Errno::PERM, StoreErrorKind::Denied),
        (Errno::LOOP, StoreErrorKind::UnsafePath),
        (Errno::IO, StoreErrorKind::Io),
        (Errno::MFILE, StoreErrorKind::Io),
    ];
    for (errno, kind) in cases {
        let error = StoreError::from_io("it failed", Path::new("/p"), errno.into());
        assert_eq!(error.kind(), kind, "{errno:?}");
        assert_eq!(error.to_string(), "it failed: /p");
    }
}
