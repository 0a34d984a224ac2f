//! The file: pretty JSON that amp-rs can read, with keys of our own behind its three.
//!
//! `token`, `expires_at`, `obtained_at` and, where there is one, `refresh_token` are A-21; `v`,
//! `generation`, `origin`, `subject` and `checksum` are ours. A file without `v` was written by
//! amp-rs. The checksum finds rotten bits; it protects nothing.

use std::collections::HashSet;
use std::fmt;
use std::io::{self, Write};

use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use sha2::{Digest, Sha256};
use token_core::{StoredToken, TokenData};
use zeroize::Zeroizing;

use crate::bounded::Bounded;
use crate::{Binding, Generation, Record};

/// The largest file that is read, in bytes (C-05).
pub(crate) const MAX_BYTES: usize = 65_536;

/// The version that is written, and the newest that is read.
const VERSION: u64 = 1;

/// The largest generation: what every reader of JSON can hold exactly.
const MAX_GENERATION: u64 = 1 << 53;

/// Why a file of ours is not used, in words without content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Defect {
    #[error("others may read or write it: mode {0:o}")]
    OpenToOthers(u32),
    #[error("it has a second name")]
    HardLinked,
    #[error("it is empty")]
    Empty,
    #[error("it is larger than 65536 bytes")]
    TooLarge,
    #[error("it ends too early")]
    Truncated,
    #[error("it is not JSON")]
    NotJson,
    #[error("a key occurs twice")]
    DuplicateKey,
    #[error("a key is missing or has a value it cannot have")]
    WrongContent,
    #[error("its checksum does not match")]
    WrongChecksum,
}

/// What came out of reading a file's bytes.
#[derive(Debug)]
pub(crate) enum Parsed {
    Record(Read),
    /// A newer version wrote it.
    Newer,
    /// It is another service's or another user's.
    Foreign,
}

/// A record for this binding, or, where `unbound`, one that names no binding.
#[derive(Debug)]
pub(crate) struct Read {
    pub(crate) record: Record,
    pub(crate) generation: Generation,
    pub(crate) unbound: bool,
}

/// Our own keys.
#[derive(Deserialize)]
struct Extra {
    v: Option<u64>,
    generation: Option<u64>,
    origin: Option<String>,
    subject: Option<String>,
    checksum: Option<String>,
}

/// The whole file, in its order.
#[derive(Serialize)]
struct Content<'a> {
    #[serde(flatten)]
    token: StoredToken<'a>,
    v: u64,
    generation: u64,
    origin: &'a str,
    subject: &'a str,
    checksum: String,
}

/// Reads the bytes of a file. The parser's own messages may repeat content, so none is kept.
pub(crate) fn parse(bytes: &[u8], binding: &Binding) -> Result<Parsed, Defect> {
    if bytes.is_empty() {
        return Err(Defect::Empty);
    }
    if bytes.len() > MAX_BYTES {
        return Err(Defect::TooLarge);
    }
    let UniqueKeys(unique) = read(bytes)?;
    if !unique {
        return Err(Defect::DuplicateKey);
    }
    if read::<Version>(bytes)?.v.unwrap_or(0) > VERSION {
        return Ok(Parsed::Newer);
    }
    let extra: Extra = read(bytes)?;
    if extra.generation.unwrap_or(0) > MAX_GENERATION {
        return Err(Defect::WrongContent);
    }
    let data: TokenData = read(bytes)?;
    if extra.checksum.is_some() && extra.checksum != checksum(&data, &extra) {
        return Err(Defect::WrongChecksum);
    }
    if extra.is_foreign(binding) {
        return Ok(Parsed::Foreign);
    }
    Ok(Parsed::Record(Read {
        record: Record::new(data),
        generation: Generation::new(extra.generation.unwrap_or(0)),
        unbound: extra.origin.is_none() || extra.subject.is_none(),
    }))
}

/// Writes a record. The buffer never grows, so no copy of the token stays behind in a freed one.
pub(crate) fn serialise(
    record: &Record,
    generation: Generation,
    binding: &Binding,
) -> io::Result<Zeroizing<Vec<u8>>> {
    let extra = Extra {
        v: Some(VERSION),
        generation: Some(generation.number()),
        origin: Some(binding.origin().as_str().to_owned()),
        subject: Some(binding.user().to_owned()),
        checksum: None,
    };
    let content = Content {
        token: record.token.to_stored(),
        v: VERSION,
        generation: generation.number(),
        origin: binding.origin().as_str(),
        subject: binding.user(),
        checksum: checksum(&record.token, &extra).ok_or(io::ErrorKind::InvalidData)?,
    };
    let mut buffer = Bounded::with_capacity(room(&record.token, binding));
    serde_json::to_writer_pretty(&mut buffer, &content)?;
    buffer.write_all(b"\n")?;
    Ok(buffer.into_inner())
}

/// One key alone: the other keys of a newer version may mean anything.
#[derive(Deserialize)]
struct Version {
    v: Option<u64>,
}

impl Extra {
    fn is_foreign(&self, binding: &Binding) -> bool {
        let other = |found: &Option<String>, ours: &str| {
            found.as_deref().is_some_and(|found| found != ours)
        };
        other(&self.origin, binding.origin().as_str()) || other(&self.subject, binding.user())
    }
}

fn read<'de, T: Deserialize<'de>>(bytes: &'de [u8]) -> Result<T, Defect> {
    serde_json::from_slice(bytes).map_err(|error| match error.classify() {
        serde_json::error::Category::Eof => Defect::Truncated,
        serde_json::error::Category::Syntax | serde_json::error::Category::Io => Defect::NotJson,
        serde_json::error::Category::Data => Defect::WrongContent,
    })
}

/// The first 16 bytes of a SHA-256 in hexadecimal. It is over the canonical fields, not over the
/// bytes of the file, so that spaces and unknown keys do not matter.
fn checksum(data: &TokenData, extra: &Extra) -> Option<String> {
    let mut hash = HashWriter(Sha256::new());
    serde_json::to_writer(&mut hash, &data.to_stored()).ok()?;
    let HashWriter(mut hash) = hash;
    hash.update([0]);
    for number in [extra.v, extra.generation] {
        hash.update(number.unwrap_or(0).to_le_bytes());
    }
    for text in [&extra.origin, &extra.subject] {
        let text = text.as_deref().unwrap_or_default();
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text.as_bytes());
    }
    Some(data_encoding::HEXLOWER.encode(&hash.finalize()[..16]))
}

struct HashWriter(Sha256);

impl Write for HashWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Room for every text with each of its characters escaped, and for keys, times and numbers. The
/// bounds of the texts keep that below [`MAX_BYTES`].
fn room(data: &TokenData, binding: &Binding) -> usize {
    let refresh = data
        .refresh_token()
        .map_or(0, |token| token.expose_secret().len());
    let texts = data.token().expose_secret().len()
        + refresh
        + binding.origin().as_str().len()
        + binding.user().len()
        + binding.project().len()
        + binding.namespace().len();
    2 * texts + 512
}

/// Whether an object names every key once; two readers could disagree on one that does not.
struct UniqueKeys(bool);

impl<'de> Deserialize<'de> for UniqueKeys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Keys;
        impl<'de> Visitor<'de> for Keys {
            type Value = UniqueKeys;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<UniqueKeys, A::Error> {
                let mut seen = HashSet::new();
                let mut unique = true;
                while let Some((key, IgnoredAny)) = map.next_entry::<String, _>()? {
                    unique &= seen.insert(key);
                }
                Ok(UniqueKeys(unique))
            }
        }
        deserializer.deserialize_map(Keys)
    }
}

#[cfg(test)]
#[path = "format_tests.rs"]
mod tests;
