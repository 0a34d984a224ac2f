//! The text that is sealed: the length of the JSON, the JSON, and zeros up to a whole block.

use std::io::Write;

use token_core::TokenData;
use zeroize::Zeroizing;

use super::EnvelopeError;
use super::header::{BLOCK, LENGTH, MAX_BYTES, TAG};
use crate::bounded::Bounded;

/// The length of the number before the JSON.
const PREFIX: usize = 4;

/// Room for the header, then the text, whose zeros hide the exact length of a token. The tag fits
/// behind it without growing.
pub(super) fn laid_out(data: &TokenData) -> Result<Zeroizing<Vec<u8>>, EnvelopeError> {
    let texts = data.token().expose_secret().len()
        + data
            .refresh_token()
            .map_or(0, |token| token.expose_secret().len());
    // Room for every character escaped, and for keys and times.
    let json = 2 * texts + 256;
    let mut buffer = Bounded::with_capacity(LENGTH + padded(json) + TAG);
    let written = buffer
        .write_all(&[0; LENGTH + PREFIX])
        .and_then(|()| Ok(serde_json::to_writer(&mut buffer, &data.to_stored())?));
    written.map_err(|_| EnvelopeError::TooLarge)?;
    let mut buffer = buffer.into_inner();
    let length = buffer.len() - LENGTH - PREFIX;
    let sealed = LENGTH + padded(length) + TAG;
    if sealed > MAX_BYTES {
        return Err(EnvelopeError::TooLarge);
    }
    let stated = u32::try_from(length).map_err(|_| EnvelopeError::TooLarge)?;
    buffer[LENGTH..LENGTH + PREFIX].copy_from_slice(&stated.to_le_bytes());
    buffer.resize(LENGTH + padded(length), 0);
    Ok(buffer)
}

pub(super) fn padded(json: usize) -> usize {
    (PREFIX + json).next_multiple_of(BLOCK)
}

/// Reads an authentic plaintext. The parser's own messages may repeat content, so none is kept.
pub(super) fn read(plaintext: &[u8]) -> Result<TokenData, EnvelopeError> {
    let unreadable = EnvelopeError::NotARecord;
    let (length, rest) = plaintext.split_first_chunk().ok_or(unreadable)?;
    let length = usize::try_from(u32::from_le_bytes(*length)).map_err(|_| unreadable)?;
    let (json, padding) = rest.split_at_checked(length).ok_or(unreadable)?;
    if padded(length) != plaintext.len() || padding.iter().any(|byte| *byte != 0) {
        return Err(unreadable);
    }
    serde_json::from_slice(json).map_err(|_| unreadable)
}
