//! Random texts in the forms that the service uses.

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// So many lower-case hex characters.
pub(crate) fn random(rng: &mut fastrand::Rng, length: usize) -> String {
    (0..length)
        .map(|_| char::from(DIGITS[rng.usize(..DIGITS.len())]))
        .collect()
}

/// A version 4 UUID (RFC 9562 section 5.4).
pub(crate) fn uuid(rng: &mut fastrand::Rng) -> String {
    let variant = ['8', '9', 'a', 'b'][rng.usize(..4)];
    let mut part = |length| random(rng, length);
    format!(
        "{}-{}-4{}-{variant}{}-{}",
        part(8),
        part(4),
        part(3),
        part(3),
        part(12)
    )
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_uuid_has_its_version_and_variant() {
        let uuid = super::uuid(&mut fastrand::Rng::with_seed(7));
        assert_eq!(
            uuid.split('-').map(str::len).collect::<Vec<_>>(),
            [8, 4, 4, 4, 12]
        );
        assert_eq!(&uuid[14..15], "4");
        assert!("89ab".contains(&uuid[19..20]), "{uuid}");
    }
}
