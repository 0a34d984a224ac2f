//! What tests across crates share.

mod any_file_store;

use std::time::{Duration, SystemTime};

use token_core::{AccessToken, TokenData};
use token_store::{Change, Generation, Record};

pub use any_file_store::{AnyFileStore, encrypted};

/// A record whose token names the generation that it is stored as, so that a reader can tell
/// whether both belong together. It is long enough for a file of more than 512 bytes.
///
/// # Panics
///
/// Never: such a text is a token.
pub fn stored_token(generation: Generation) -> Record {
    let text = format!("generation-{generation}-{}", "x".repeat(600));
    let token = AccessToken::new(text).expect("letters, digits and hyphens make a token");
    let obtained_at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
    let day = Duration::from_secs(86_400);
    Record::new(TokenData::with_lifetime(token, obtained_at, day))
}

/// The change that makes this generation: every third one clears, the others store
/// [`stored_token`].
pub fn change_to(generation: Generation) -> Change {
    match kept_at(generation) {
        Some(record) => Change::Put(record),
        None => Change::Clear,
    }
}

/// The record at this generation, if every change was one of [`change_to`].
pub fn kept_at(generation: Generation) -> Option<Record> {
    let clears = generation.number().is_multiple_of(3);
    (!clears).then(|| stored_token(generation))
}
