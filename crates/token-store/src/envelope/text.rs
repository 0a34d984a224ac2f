//! The text that is sealed: the length of the content, the content, and zeros up to a whole block.
//! The content is the JSON of a record, or a secret as it is.

use std::io::{self, Write};

use secrecy::SecretString;
use token_core::TokenData;
use zeroize::Zeroizing;

use super::EnvelopeError;
use super::header::{BLOCK, LENGTH, MAX_BYTES, TAG};
use crate::bounded::Bounded;

/// The length of the number before the JSON.
const PREFIX: usize = 4;

/// The text of a record.
pub(super) fn of_record(data: &TokenData) -> Result<Zeroizing<Vec<u8>>, EnvelopeError> {
    let texts = data.token().expose_secret().len()
        + data
            .refresh_token()
            .map_or(0, |token| token.expose_secret().len());
    // Room for every character escaped, and for keys and times.
    let json = 2 * texts + 256;
    laid_out(json, |buffer| {
        Ok(serde_json::to_writer(buffer, &data.to_stored())?)
    })
}

/// The text of a secret.
pub(super) fn of_secret(secret: &str) -> Result<Zeroizing<Vec<u8>>, EnvelopeError> {
    laid_out(secret.len(), |buffer| buffer.write_all(secret.as_bytes()))
}

/// Room for the header, then the text, whose zeros hide the exact length of a token. The tag fits
/// behind it without growing. The content takes at most `room`.
fn laid_out(
    room: usize,
    write: impl FnOnce(&mut Bounded) -> io::Result<()>,
) -> Result<Zeroizing<Vec<u8>>, EnvelopeError> {
    let mut buffer = Bounded::with_capacity(LENGTH + padded(room) + TAG);
    let written = buffer.write_all(&[0; LENGTH + PREFIX]);
    let written = written.and_then(|()| write(&mut buffer));
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

pub(super) fn padded(content: usize) -> usize {
    (PREFIX + content).next_multiple_of(BLOCK)
}

/// The record in an authentic plaintext. The parser's own messages may repeat content, so none is
/// kept.
pub(super) fn record_in(plaintext: &[u8]) -> Result<TokenData, EnvelopeError> {
    let json = content_of(plaintext)?;
    serde_json::from_slice(json).map_err(|_| EnvelopeError::NotARecord)
}

/// The secret in an authentic plaintext.
pub(super) fn secret_in(plaintext: &[u8]) -> Result<SecretString, EnvelopeError> {
    let text = std::str::from_utf8(content_of(plaintext)?);
    text.map(SecretString::from)
        .map_err(|_| EnvelopeError::NotARecord)
}

fn content_of(plaintext: &[u8]) -> Result<&[u8], EnvelopeError> {
    let unreadable = EnvelopeError::NotARecord;
    let (length, rest) = plaintext.split_first_chunk().ok_or(unreadable)?;
    let length = usize::try_from(u32::from_le_bytes(*length)).map_err(|_| unreadable)?;
    let (content, padding) = rest.split_at_checked(length).ok_or(unreadable)?;
    if padded(length) != plaintext.len() || padding.iter().any(|byte| *byte != 0) {
        return Err(unreadable);
    }
    Ok(content)
}
