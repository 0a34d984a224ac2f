//! Bodies that hold a secret: in a buffer that is wiped when the last copy of the request drops,
//! and that never grows, so that it leaves no other copy behind.

use bytes::Bytes;
use serde::Serialize;
use zeroize::Zeroizing;

use crate::InvalidRequest;

/// A value as JSON; `bytes_of_text` is the length of all texts in it together.
pub(crate) fn json(value: &impl Serialize, bytes_of_text: usize) -> Result<Bytes, InvalidRequest> {
    text(value, bytes_of_text).map(Bytes::from_owner)
}

fn text(
    value: &impl Serialize,
    bytes_of_text: usize,
) -> Result<Zeroizing<Vec<u8>>, InvalidRequest> {
    // JSON escapes a byte with six at most; the rest is for names and punctuation.
    let mut text = Zeroizing::new(Vec::with_capacity(64 + 6 * bytes_of_text));
    serde_json::to_writer(&mut *text, value).map_err(|_| InvalidRequest::Body)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    // W-C17: a buffer that grew would leave half a secret behind, and be larger than it began.
    #[test]
    fn the_buffer_is_not_too_small_for_its_worst_case() {
        let worst = "\u{1}".repeat(1_000);
        let text = text(&[&worst], worst.len()).unwrap();
        assert_eq!((text.len(), text.capacity()), (6_004, 6_064));
    }
}
