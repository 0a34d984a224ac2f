//! Ids of Green wallets and the addresses that they receive at, by their form alone.

const PREFIX: &str = "GA";

/// What real ones have (amp-api.yaml).
const LENGTHS: [usize; 2] = [29, 30];

/// How long a confidential address of Liquid's test network is, and how it begins.
const ADDRESS_LENGTH: usize = 80;
const ADDRESS_PREFIX: &str = "vjU";

const BASE58: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/// Whether this is the form of a GAID. Every wallet of that form exists here, as checksums are not looked at.
pub(crate) fn is_well_formed(gaid: &str) -> bool {
    LENGTHS.contains(&gaid.len())
        && gaid.starts_with(PREFIX)
        && gaid.bytes().all(|byte| BASE58.contains(&byte))
}

/// The GAID of a wallet that was never seen before.
pub(crate) fn new(rng: &mut fastrand::Rng) -> String {
    random(rng, PREFIX, LENGTHS[0])
}

/// A confidential address that was never handed out before.
pub(crate) fn new_address(rng: &mut fastrand::Rng) -> String {
    random(rng, ADDRESS_PREFIX, ADDRESS_LENGTH)
}

fn random(rng: &mut fastrand::Rng, prefix: &str, length: usize) -> String {
    let mut text = prefix.to_owned();
    let digits = (prefix.len()..length).map(|_| char::from(BASE58[rng.usize(..BASE58.len())]));
    text.extend(digits);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gaid_is_ga_and_then_base58() {
        for gaid in [
            "GAxampLeGaidxxxxxxxxxxxxxxxxx",
            "GA2zxWdhAYtREeYCVFTGRhHQmYMPAP",
        ] {
            assert!(is_well_formed(gaid), "{gaid}");
        }
        let wrong = [
            "",
            "GA",
            "GBxampLeGaidxxxxxxxxxxxxxxxxx",
            "GAxampLeGaidxxxxxxxxxxxxxxxx",
            "GAxampLeGaidxxxxxxxxxxxxxxxxxxx",
            "GA0ampLeGaidxxxxxxxxxxxxxxxxx",
            "GAxampLeGaid\u{e9}xxxxxxxxxxxxxxx",
        ];
        for gaid in wrong {
            assert!(!is_well_formed(gaid), "{gaid}");
        }
    }

    #[test]
    fn what_is_drawn_has_the_form_that_is_asked_for() {
        let mut rng = fastrand::Rng::with_seed(7);
        let (gaid, other) = (new(&mut rng), new(&mut rng));
        assert!(is_well_formed(&gaid), "{gaid}");
        assert_ne!(gaid, other);
        assert_eq!(new_address(&mut rng).len(), 80);
    }
}
