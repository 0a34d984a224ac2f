//! What an envelope lets through, and what it does not.

use std::time::Duration;

use super::header::MAX_BYTES;
use super::text::padded;
use super::*;
use crate::contract::record;
use crate::{Kdf, KdfOutOfBounds, Key, Passphrase};

fn binding() -> Binding {
    let binding = Binding::new("https://amp.example/api", "alice").unwrap();
    binding.with_project("/srv/project").unwrap()
}

fn key(byte: u8) -> Key {
    Key::new(Zeroizing::new([byte; 32]))
}

fn sealer() -> Sealer {
    Sealer::new(KeySet::new(key(7)), &binding())
}

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(1_800_000_000_123)
}

/// An envelope of generation 3 or another, with random bytes that depend on it.
fn sealed(sealer: &Sealer, text: &str, generation: u64) -> Vec<u8> {
    let randomness = Randomness::of([generation as u8; 88]);
    let generation = Generation::new(generation);
    sealer
        .seal(&record(text), generation, now(), randomness)
        .unwrap()
}

fn refused(bytes: &[u8]) -> EnvelopeError {
    sealer().open(bytes).unwrap_err()
}

fn cheap() -> Passphrase {
    let kdf = Kdf::argon2id(19_456, 2, 1).unwrap();
    Passphrase::new("correct horse").unwrap().with_kdf(kdf)
}

// W-C02, W-C03, C-16
#[test]
fn a_record_comes_back_as_it_was_sealed() {
    for text in ["s", "a\"b\\c", &"x".repeat(4_096 - "refresh-".len())] {
        let opened = sealer().open(&sealed(&sealer(), text, 3)).unwrap();
        assert_eq!(opened.record, record(text));
        assert_eq!(opened.generation, Generation::new(3));
        assert!(!opened.is_outdated);
    }
}

// C-17
#[test]
fn nothing_of_token_user_service_or_project_can_be_read() {
    let bytes = sealed(&sealer(), "s3cret-token", 3);
    let text = String::from_utf8_lossy(&bytes);
    for hidden in [
        "s3cret",
        "alice",
        "amp.example",
        "project",
        "refresh",
        "2027",
    ] {
        assert!(!text.contains(hidden), "{hidden}");
    }
}

#[test]
fn the_length_tells_the_token_to_within_256_bytes() {
    let short = sealed(&sealer(), "short", 3);
    let longer = sealed(&sealer(), "a-longer-one", 3);
    assert_eq!(short.len(), longer.len());
    assert_eq!(short.len(), 192 + 256 + 16);
}

// W-C02
#[test]
fn two_envelopes_of_one_record_have_nothing_in_common() {
    let seal = || {
        let randomness = Randomness::from_system().unwrap();
        let sealed = sealer().seal(&record("same"), Generation::new(1), now(), randomness);
        sealed.unwrap()
    };
    let (first, second) = (seal(), seal());
    for part in [96..128, 128..152, 160..192, 192..464] {
        assert_ne!(first[part.clone()], second[part.clone()], "{part:?}");
    }
}

// W-C02, C-10
#[test]
fn every_flipped_bit_is_noticed_and_told_by_its_class() {
    use EnvelopeError::*;
    let bytes = sealed(&sealer(), "flipped", 3);
    for bit in 0..bytes.len() * 8 {
        let mut damaged = bytes.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        let error = refused(&damaged);
        let expected: &[EnvelopeError] = match bit / 8 {
            0..8 => &[NotAnEnvelope],
            8..10 => &[UnsupportedVersion, Tampered],
            10 => &[UnsupportedAlgorithm],
            11 => &[Tampered, Kdf(KdfOutOfBounds::TooWeak), UnsupportedAlgorithm],
            16..20 => &[Truncated, Tampered],
            48..64 => &[WrongKey],
            96..128 | 160..192 => &[Foreign],
            _ => &[Tampered],
        };
        assert!(expected.contains(&error), "bit {bit}: {error:?}");
    }
}

// C-09, C-10
#[test]
fn every_truncation_and_every_byte_too_many_is_noticed() {
    let mut bytes = sealed(&sealer(), "cut", 3);
    for length in 0..bytes.len() {
        assert_eq!(
            refused(&bytes[..length]),
            EnvelopeError::Truncated,
            "{length}"
        );
    }
    bytes.push(0);
    assert_eq!(refused(&bytes), EnvelopeError::Tampered);
    bytes.resize(MAX_BYTES, 0);
    assert_eq!(refused(&bytes), EnvelopeError::Tampered);
    bytes.push(0);
    assert_eq!(refused(&bytes), EnvelopeError::TooLarge);
}

// What version 1 does not know is refused, and not first looked for a key for.
#[test]
fn fixed_fields_are_judged_before_any_key_is_asked() {
    let other = Sealer::new(KeySet::new(key(8)), &binding());
    let bytes = sealed(&sealer(), "fixed", 3);
    for at in [12, 13, 14, 15, 20, 23, 24, 26, 27, 31, 64, 95, 152, 159] {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        assert_eq!(
            other.open(&changed).unwrap_err(),
            EnvelopeError::Tampered,
            "{at}"
        );
    }
}

// C-29, W-A03, W-C03
#[test]
fn an_envelope_opens_for_its_own_binding_alone() {
    let origin = "https://amp.example/api";
    let bytes = sealed(&sealer(), "bound", 3);
    let others = [
        Binding::new(origin, "alice").unwrap(),
        Binding::new(origin, "bob")
            .unwrap()
            .with_project("/srv/project")
            .unwrap(),
        Binding::new(origin, "alice")
            .unwrap()
            .with_project("/srv/other")
            .unwrap(),
        Binding::new("https://live.example/api", "alice")
            .unwrap()
            .with_project("/srv/project")
            .unwrap(),
        binding().with_namespace("staging").unwrap(),
    ];
    for other in others {
        let sealer = Sealer::new(KeySet::new(key(7)), &other);
        assert_eq!(sealer.open(&bytes).unwrap_err(), EnvelopeError::Foreign);

        // One's header before the other's body, and the salts and the commitment alone.
        let theirs = sealed(&sealer, "bound", 3);
        for part in [0..192, 96..128, 160..192, 96..192] {
            let mut spliced = bytes.clone();
            spliced[part.clone()].copy_from_slice(&theirs[part.clone()]);
            if spliced != bytes {
                let refused = refused(&spliced);
                assert_eq!(refused, EnvelopeError::Foreign, "{part:?} of {other:?}");
            }
        }
    }
}

#[test]
fn parts_of_two_generations_do_not_make_a_third() {
    let first = sealed(&sealer(), "first", 1);
    let second = sealed(&sealer(), "second", 2);
    assert_eq!(first.len(), second.len());
    let fields = [
        0..32,
        32..40,
        40..48,
        96..128,
        128..152,
        160..192,
        32..192,
        192..464,
        448..464,
    ];
    for field in fields {
        let mut spliced = first.clone();
        spliced[field.clone()].copy_from_slice(&second[field.clone()]);
        if spliced != first {
            let error = refused(&spliced);
            let expected = [EnvelopeError::Tampered, EnvelopeError::Foreign];
            assert!(expected.contains(&error), "{field:?}: {error:?}");
        }
    }
}

// C-10
#[test]
fn another_key_is_told_from_changed_content() {
    let bytes = sealed(&sealer(), "locked", 3);
    let other = Sealer::new(KeySet::new(key(8)), &binding());
    assert_eq!(other.open(&bytes).unwrap_err(), EnvelopeError::WrongKey);
    let phrase = Sealer::new(KeySet::new(cheap()), &binding());
    assert_eq!(phrase.open(&bytes).unwrap_err(), EnvelopeError::WrongKey);
}

// A forged name of the key must not get past the commitment.
#[test]
fn a_key_that_only_has_the_right_name_opens_nothing() {
    let other = Sealer::new(KeySet::new(key(8)), &binding());
    let mut bytes = sealed(&sealer(), "locked", 3);
    bytes[48..64].copy_from_slice(key(8).id().bytes());
    assert_eq!(other.open(&bytes).unwrap_err(), EnvelopeError::Foreign);
}

#[test]
fn a_key_that_only_opens_makes_the_envelope_outdated() {
    let bytes = sealed(&sealer(), "old", 3);
    let keys = KeySet::new(key(8))
        .with_decrypt_only(key(9))
        .with_decrypt_only(key(7));
    let rotated = Sealer::new(keys, &binding());
    let opened = rotated.open(&bytes).unwrap();
    assert!(opened.is_outdated);
    assert_eq!(opened.record, record("old"));
    let renewed = sealed(&rotated, "old", 3);
    assert_eq!(key_id_of(&renewed), Ok(key(8).id()));
    assert!(!rotated.open(&renewed).unwrap().is_outdated);
    assert_eq!(refused(&renewed), EnvelopeError::WrongKey);
}

// W-C04
#[test]
fn a_passphrase_opens_what_it_sealed_and_reseals_what_cost_less() {
    let phrase = Sealer::new(KeySet::new(cheap()), &binding());
    let bytes = sealed(&phrase, "phrase", 3);
    assert!(!phrase.open(&bytes).unwrap().is_outdated);
    let dearer = cheap().with_kdf(Kdf::argon2id(20_000, 2, 1).unwrap());
    let dearer = Sealer::new(KeySet::new(dearer), &binding());
    assert!(dearer.open(&bytes).unwrap().is_outdated);
    let other = Passphrase::new("wrong horse").unwrap();
    let other = Sealer::new(KeySet::new(other), &binding());
    assert_eq!(other.open(&bytes).unwrap_err(), EnvelopeError::WrongKey);
}

// Whoever plants a header must not choose how long we work, or how little a guess costs.
#[test]
fn a_derivation_out_of_bounds_is_refused_before_it_is_run() {
    let phrase = Sealer::new(KeySet::new(cheap()), &binding());
    let bytes = sealed(&phrase, "phrase", 3);
    for (at, field, expected) in [
        (20, &19_455_u32.to_le_bytes()[..], KdfOutOfBounds::TooWeak),
        (20, &u32::MAX.to_le_bytes()[..], KdfOutOfBounds::TooCostly),
        (24, &1_u16.to_le_bytes()[..], KdfOutOfBounds::TooWeak),
        (24, &u16::MAX.to_le_bytes()[..], KdfOutOfBounds::TooCostly),
        (26, &[0], KdfOutOfBounds::TooWeak),
        (26, &[255], KdfOutOfBounds::TooCostly),
    ] {
        let mut planted = bytes.clone();
        planted[at..at + field.len()].copy_from_slice(field);
        let refused = phrase.open(&planted).unwrap_err();
        assert_eq!(refused, EnvelopeError::Kdf(expected), "{at} {field:?}");
    }
    let mut salted = bytes;
    salted[64] ^= 1;
    assert_eq!(phrase.open(&salted).unwrap_err(), EnvelopeError::WrongKey);
}

#[test]
fn a_plain_record_and_other_content_are_told_apart() {
    for plain in [
        "{}",
        " \n{\"token\": \"x\"}",
        &format!("{{{}", "x".repeat(500)),
    ] {
        assert_eq!(
            refused(plain.as_bytes()),
            EnvelopeError::Downgrade,
            "{plain}"
        );
    }
    let long = "x".repeat(500);
    for other in ["token", "[]", "   ", &long, "\u{89}TKST\n\u{1a}"] {
        assert_eq!(
            refused(other.as_bytes()),
            EnvelopeError::NotAnEnvelope,
            "{other}"
        );
    }
}

// C-11..C-13
#[test]
fn authentic_content_that_is_no_record_is_refused() {
    let hand = |json: &str, stated: usize, padding: u8| {
        let mut plain = vec![0; LENGTH];
        plain.extend_from_slice(&(stated as u32).to_le_bytes());
        plain.extend_from_slice(json.as_bytes());
        plain.resize(LENGTH + padded(json.len()), padding);
        resealed(plain)
    };
    let whole = r#"{"token":"t","expires_at":"2027-01-16T08:00:00Z","obtained_at":"2027-01-15T08:00:00Z","new":1}"#;
    assert!(sealer().open(&hand(whole, whole.len(), 0)).is_ok());
    for json in [
        "",
        "null",
        "{}",
        r#"{"token":"t"}"#,
        &whole.replace("\"t\"", "\"\""),
        &whole.replace("\"t\"", "\"a b\""),
        &whole.replace("2027-01-16T08", "1927-01-16T08"),
        &whole.replace("\"2027-01-16T08:00:00Z\"", "1"),
    ] {
        let error = refused(&hand(json, json.len(), 0));
        assert_eq!(error, EnvelopeError::NotARecord, "{json}");
    }
    for (stated, padding) in [(whole.len(), 1), (whole.len() - 1, 0), (usize::MAX, 0)] {
        let error = refused(&hand(whole, stated, padding));
        assert_eq!(error, EnvelopeError::NotARecord, "{stated}");
    }
}

/// Seals a plaintext that stands behind room for its header.
fn resealed(mut envelope: Vec<u8>) -> Vec<u8> {
    let sealer = sealer();
    let keys = MessageKey::derive(&key(7), &[1; 32], &sealer.binding);
    let mut header = Header::decode(&sealed(&sealer, "any", 3)).unwrap();
    header.msg_salt = [1; 32];
    header.body_len = envelope.len() + TAG - LENGTH;
    header.commitment.copy_from_slice(keys.commitment());
    let encoded = header.encode();
    envelope[..LENGTH].copy_from_slice(&encoded);
    let tag = cipher(&keys)
        .encrypt_inout_detached(
            &XNonce::from(header.nonce),
            &sealer.authenticated(&encoded),
            envelope[LENGTH..].as_mut().into(),
        )
        .unwrap();
    envelope.extend_from_slice(&tag);
    envelope
}

#[test]
fn generation_zero_is_never_sealed_and_never_opened() {
    let zero = sealer().seal(
        &record("x"),
        Generation::ZERO,
        now(),
        Randomness::of([0; 88]),
    );
    assert_eq!(zero.unwrap_err(), EnvelopeError::NotARecord);
    let mut bytes = sealed(&sealer(), "x", 3);
    bytes[32..40].fill(0);
    assert_eq!(refused(&bytes), EnvelopeError::Tampered);
}

// A-74
#[test]
fn no_debug_output_and_no_error_shows_a_secret() {
    let randomness = Randomness::of([0x5A; 88]);
    let phrase = Sealer::new(KeySet::new(cheap()), &binding());
    let opened = sealer().open(&sealed(&sealer(), "s3cret", 3)).unwrap();
    let shown = format!("{:?} {phrase:?} {randomness:?} {opened:?}", sealer());
    for hidden in ["s3cret", "horse", "90, 90", "7, 7"] {
        assert!(!shown.contains(hidden), "{shown}");
    }
}
