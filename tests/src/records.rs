//! What the rigs commit: a record that tells which generation it belongs to.

use std::time::{Duration, SystemTime};

use token_core::{AccessToken, RefreshToken, TokenData};
use token_store::{Change, Generation, Record};

/// A text that is in every token of the rigs, and in nothing that may be shown.
pub const CANARY: &str = "xxxxxxxxxxxxxxxx";

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

/// A record that ended at `ended`.
pub fn expired_token(ended: SystemTime) -> Record {
    Record::new(hour_before(ended))
}

/// A record that ends half an hour after `now`, with a refresh token of this name.
///
/// # Panics
///
/// When the name is no refresh token.
pub fn renewable_token(now: SystemTime, refresh: &str) -> Record {
    let refresh = RefreshToken::new(refresh).expect("the name is a refresh token");
    let data = hour_before(now + Duration::from_secs(1800));
    Record::new(data.with_refresh_token(Some(refresh)))
}

fn hour_before(end: SystemTime) -> TokenData {
    let hour = Duration::from_secs(3600);
    let token = AccessToken::new("held").expect("letters make a token");
    TokenData::with_lifetime(token, end - hour, hour)
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
