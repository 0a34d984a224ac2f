//! What is sent to the token endpoint, in buffers that are wiped when the last copy of the request
//! drops, and that never grow, so that they leave no other copy behind.

use bytes::Bytes;
use data_encoding::BASE64;
use http::HeaderValue;
use serde::Serialize;
use token_core::TokenError;
use url::form_urlencoded::byte_serialize;
use zeroize::Zeroizing;

use super::unsendable;

/// A JSON object of these names and values.
pub(super) fn json<T: Serialize>(values: &T, bytes_of_text: usize) -> Result<Bytes, TokenError> {
    json_text(values, bytes_of_text).map(Bytes::from_owner)
}

fn json_text<T: Serialize>(
    values: &T,
    bytes_of_text: usize,
) -> Result<Zeroizing<Vec<u8>>, TokenError> {
    // JSON escapes a byte with six at most; the rest is for names and punctuation.
    let mut text = Zeroizing::new(Vec::with_capacity(64 + 6 * bytes_of_text));
    serde_json::to_writer(&mut *text, values).map_err(unsendable)?;
    Ok(text)
}

/// A form of these names and values (RFC 6749 appendix B).
pub(super) fn form(pairs: &[(&str, &str)]) -> Bytes {
    Bytes::from_owner(form_text(pairs))
}

fn form_text(pairs: &[(&str, &str)]) -> Zeroizing<Vec<u8>> {
    let texts = pairs.iter().map(|(name, value)| name.len() + value.len());
    let mut text = Zeroizing::new(Vec::with_capacity(
        2 * pairs.len() + 3 * texts.sum::<usize>(),
    ));
    for (name, value) in pairs {
        if !text.is_empty() {
            text.push(b'&');
        }
        push_encoded(&mut text, name);
        text.push(b'=');
        push_encoded(&mut text, value);
    }
    text
}

/// `Authorization: Basic …`, of an id and a secret that are form-encoded first (RFC 6749 section
/// 2.3.1).
pub(super) fn basic(id: &str, secret: &str) -> HeaderValue {
    const SCHEME: &[u8] = b"Basic ";
    let pair = pair_text(id, secret);
    let mut text = Zeroizing::new(vec![0; SCHEME.len() + BASE64.encode_len(pair.len())]);
    let (scheme, encoded) = text.split_at_mut(SCHEME.len());
    scheme.copy_from_slice(SCHEME);
    BASE64.encode_mut(&pair, encoded);
    let mut value = HeaderValue::from_maybe_shared(Bytes::from_owner(text))
        .expect("a scheme and base64 are visible ASCII");
    value.set_sensitive(true);
    value
}

fn pair_text(id: &str, secret: &str) -> Zeroizing<Vec<u8>> {
    let mut pair = Zeroizing::new(Vec::with_capacity(1 + 3 * (id.len() + secret.len())));
    push_encoded(&mut pair, id);
    pair.push(b':');
    push_encoded(&mut pair, secret);
    pair
}

/// Each byte becomes three at most.
fn push_encoded(buffer: &mut Vec<u8>, text: &str) {
    for piece in byte_serialize(text.as_bytes()) {
        buffer.extend_from_slice(piece.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_and_basic_values_are_encoded_as_the_standard_says() {
        let body = form(&[("grant_type", "a b"), ("ü", "1&2=3+~*")]);
        assert_eq!(body, "grant_type=a+b&%C3%BC=1%262%3D3%2B%7E*");
        assert_eq!(form(&[]), "");
        // The id and secret of RFC 6749 section 2.3.1.
        let value = basic("s6BhdRkqt3", "7Fjfp0ZBr1KtDRbnfVdmIw");
        assert_eq!(
            value.as_bytes(),
            b"Basic czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3"
        );
        assert_eq!(format!("{value:?}"), "Sensitive");
        let value = basic("a:b", "c d\u{e9}");
        assert_eq!(value.as_bytes(), b"Basic YSUzQWI6YytkJUMzJUE5");
    }

    // Pitfall 20.
    // W-C17: a buffer that grew would leave half a secret behind, and be larger than it began.
    #[test]
    fn no_buffer_is_too_small_for_its_worst_case() {
        let worst = "\u{1}".repeat(1_000);
        let json = json_text(&[&worst], worst.len()).unwrap();
        assert_eq!((json.len(), json.capacity()), (6_004, 6_064));
        let form = form_text(&[(&worst, &worst), (&worst, &worst)]);
        assert_eq!((form.len(), form.capacity()), (12_003, 12_004));
        let pair = pair_text(&worst, &worst);
        assert_eq!((pair.len(), pair.capacity()), (6_001, 6_001));
    }
}
