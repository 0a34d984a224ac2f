//! What stays in memory after an encrypted file was read: nothing. This is a program of its own,
//! because it reads all of its memory.
#![cfg(all(feature = "encrypted", target_os = "linux"))]
#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::time::{Duration, SystemTime};

use tempfile::TempDir;
use token_core::{AccessToken, RefreshToken, TokenData};
use token_store::{
    Binding, Change, Commit, EncryptedFileStore, Generation, Key, KeySet, OpId, Record,
};
use zeroize::Zeroizing;

/// A secret that is in memory only while somebody asks for it: all bits are the other way round.
struct Hidden([u8; 32]);

impl Hidden {
    /// 32 letters of which no two runs of eight are the same.
    fn letters(seed: u8) -> Self {
        let letter = |index: usize| b'a' + (index * index * 7 + usize::from(seed) * 3) as u8 % 26;
        Self(std::array::from_fn(|index| !letter(index)))
    }

    fn bytes(&self) -> Zeroizing<[u8; 32]> {
        let mut bytes = Zeroizing::new([0; 32]);
        for (byte, hidden) in bytes.iter_mut().zip(&self.0) {
            *byte = !hidden;
        }
        bytes
    }

    fn text(&self) -> String {
        let mut text = String::with_capacity(32);
        text.extend(self.0.iter().map(|hidden| char::from(!hidden)));
        text
    }

    /// How often 16 bytes of it are in this memory, at the beginning or the end of it.
    fn count_in(&self, memory: &[u8]) -> usize {
        let is = |window: &[u8], half: &[u8]| {
            window
                .iter()
                .zip(half)
                .all(|(byte, hidden)| *byte == !hidden)
        };
        let halves = self.0.split_at(16);
        let found = |window: &&[u8]| is(window, halves.0) || is(window, halves.1);
        memory.windows(16).filter(found).count()
    }
}

/// Every page that this process can write to, each in a buffer that is used again.
fn count_everywhere(secrets: &[&Hidden]) -> Vec<usize> {
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let memory = File::open("/proc/self/mem").unwrap();
    let mut counts = vec![0; secrets.len()];
    for line in maps.lines().filter(|line| line.contains(" rw")) {
        let (from, to) = line.split(' ').next().unwrap().split_once('-').unwrap();
        let [from, to] = [from, to].map(|address| u64::from_str_radix(address, 16).unwrap());
        let mut region = vec![0; usize::try_from(to - from).unwrap()];
        // Some regions of the kernel's cannot be read.
        if memory.read_exact_at(&mut region, from).is_ok() {
            for (count, secret) in counts.iter_mut().zip(secrets) {
                *count += secret.count_in(&region);
            }
        }
        region.fill(0);
    }
    counts
}

// C-27, C-64, X-32
#[test]
fn neither_token_nor_key_stays_in_memory_when_all_who_hold_them_are_gone() {
    let place = TempDir::new().unwrap();
    let binding = Binding::new("https://cidx.example", "alice").unwrap();
    let [token, refresh, key] = [1, 2, 3].map(Hidden::letters);
    let open = || {
        let keys = KeySet::new(Key::new(key.bytes()));
        EncryptedFileStore::open(place.path().join("token.tks"), binding.clone(), keys).unwrap()
    };
    {
        let obtained_at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let access = AccessToken::new(token.text()).unwrap();
        let data = TokenData::with_lifetime(access, obtained_at, Duration::from_secs(86_400));
        let data = data.with_refresh_token(Some(RefreshToken::new(refresh.text()).unwrap()));
        let change = Change::Put(Record::new(data));
        open()
            .commit_now(Commit::new(Generation::ZERO, change, OpId::new(1)))
            .unwrap();
    }
    let store = open();
    let held = store.read_now().unwrap();
    let alive = count_everywhere(&[&token, &refresh, &key]);
    assert!(
        alive.iter().all(|count| *count > 0),
        "the search finds nothing: {alive:?}"
    );
    drop((held, store));
    for _ in 0..20 {
        assert!(open().read_now().unwrap().record.is_some());
    }
    assert_eq!(count_everywhere(&[&token, &refresh, &key]), [0, 0, 0]);
}
