//! What a secret looks like inside of base64, wherever in the encoded text it stands.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The characters that the secret alone decides, for each of the three places at which it may
/// start in a group of three bytes: the ones at its border depend on what stands beside it.
pub(super) fn traces(secret: &[u8]) -> [String; 3] {
    [0, 1, 2].map(|shift| {
        let start = (3 - shift) % 3;
        let whole = secret.get(start..).unwrap_or_default();
        whole.chunks_exact(3).flat_map(encode).collect()
    })
}

fn encode(group: &[u8]) -> [char; 4] {
    let bits = group
        .iter()
        .fold(0, |bits, byte| bits << 8 | usize::from(*byte));
    [18, 12, 6, 0].map(|shift| char::from(ALPHABET[bits >> shift & 63]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_is_found_at_each_place() {
        // "user:secret-value", "x:secret-value" and "ab:secret-value" in base64.
        for (encoded, shift) in [
            ("dXNlcjpzZWNyZXQtdmFsdWU=", 2),
            ("eDpzZWNyZXQtdmFsdWU=", 2),
            ("YWI6c2VjcmV0LXZhbHVl", 0),
            ("YWJjOnNlY3JldC12YWx1ZQ==", 1),
        ] {
            let trace = &traces(b"secret-value")[shift];
            assert!(encoded.contains(trace), "{trace} in {encoded}");
        }
    }
}
