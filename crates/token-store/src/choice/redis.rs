//! The store on Redis, opened from settings.

use std::ffi::OsString;
#[cfg(feature = "redis-tls")]
use std::{fs::File, io::Read as _, path::Path};

use crate::redis::RedisStoreBuilder;
use crate::{Binding, FoundKey, RedisStore, RedisUrl, StoreError, StoreErrorKind};

/// The variable with the path of the certificates of those who vouch for the server.
#[cfg(feature = "redis-tls")]
const CA_FILE: &str = "TOKEN_STORE_CA_FILE";

/// The longest file of certificates, in bytes: more than all that browsers trust take.
#[cfg(feature = "redis-tls")]
const MAX_BYTES: u64 = 1 << 20;

/// Opens the store at this address; nothing is connected yet. May read a file on this thread.
pub(super) fn open(
    url: &RedisUrl,
    binding: Binding,
    key: &FoundKey,
    env: impl Fn(&str) -> Option<OsString>,
) -> Result<RedisStore, StoreError> {
    let keys = key.key_set().into();
    let builder = RedisStoreBuilder::at(Ok(url.clone()), binding, keys);
    let builder = with_authorities(builder, url, env)?;
    builder.open().map_err(|error| {
        let reason = format!("the store on Redis: {error}");
        StoreError::new(StoreErrorKind::InvalidSetting, reason)
    })
}

#[cfg(feature = "redis-tls")]
fn with_authorities(
    builder: RedisStoreBuilder,
    url: &RedisUrl,
    env: impl Fn(&str) -> Option<OsString>,
) -> Result<RedisStoreBuilder, StoreError> {
    let named = env(CA_FILE).filter(|path| !path.to_string_lossy().trim().is_empty());
    match named.filter(|_| url.is_tls()) {
        Some(path) => Ok(builder.authorities(certificates(Path::new(&path))?)),
        None => Ok(builder),
    }
}

/// Without TLS nobody has to vouch for the server.
#[cfg(not(feature = "redis-tls"))]
fn with_authorities(
    builder: RedisStoreBuilder,
    _url: &RedisUrl,
    _env: impl Fn(&str) -> Option<OsString>,
) -> Result<RedisStoreBuilder, StoreError> {
    Ok(builder)
}

#[cfg(feature = "redis-tls")]
fn certificates(path: &Path) -> Result<Vec<u8>, StoreError> {
    let mut pem = Vec::new();
    let file = File::open(path).map(|file| file.take(MAX_BYTES));
    let read = file.and_then(|mut file| file.read_to_end(&mut pem));
    read.map_err(|error| {
        let reason = format!("the file that {CA_FILE} names cannot be read");
        StoreError::at(StoreErrorKind::InvalidSetting, reason, path, Some(error))
    })?;
    Ok(pem)
}
