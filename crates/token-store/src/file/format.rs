//! The file: pretty JSON that amp-rs can read, with keys of our own behind its three.
//!
//! `token`, `expires_at`, `obtained_at` and, where there is one, `refresh_token` are A-21; `v`,
//! `generation`, `origin`, `subject`, `checksum` and, where the binding has them, `project` and
//! `namespace` are ours. A file without `v` was written by
//! amp-rs. The checksum finds rotten bits; it protects nothing.

use std::collections::HashSet;
use std::fmt;
use std::io::{self, Write};

use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use sha2::{Digest, Sha256};
use token_core::{StoredToken, TokenData};
use zeroize::Zeroizing;

use super::codec::{Codec, MAX_BYTES, Parsed, Read};
use super::defect::Defect;
use crate::bounded::Bounded;
use crate::{Binding, Generation, LoadNotice, Record, StoreError, StoreErrorKind};

/// The version that is written, and the newest that is read.
const VERSION: u64 = 1;

/// How an encrypted file begins, which is none of ours.
const ENCRYPTED: &[u8] = b"\x89TKST";

/// The largest generation: what every reader of JSON can hold exactly.
const MAX_GENERATION: u64 = 1 << 53;

/// Our own keys.
#[derive(Deserialize)]
struct Extra {
    v: Option<u64>,
    generation: Option<u64>,
    origin: Option<String>,
    subject: Option<String>,
    project: Option<String>,
    namespace: Option<String>,
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
    #[serde(skip_serializing_if = "str::is_empty")]
    project: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    namespace: &'a str,
    checksum: String,
}

/// Reads and writes plain files.
#[derive(Debug)]
pub(crate) struct Plain {
    pub(crate) binding: Binding,
    /// Whether a file that names no binding is taken for ours.
    pub(crate) adopt_unbound: bool,
}

impl Codec for Plain {
    fn decode(&self, bytes: &mut [u8]) -> Result<Parsed, Defect> {
        parse(bytes, &self.binding, self.adopt_unbound)
    }

    fn encode(
        &self,
        record: &Record,
        generation: Generation,
    ) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        serialise(record, generation, &self.binding).map_err(|_| {
            let reason = "the record does not fit into a token file";
            StoreError::new(StoreErrorKind::TooLarge, reason)
        })
    }

    fn is_authentic(&self) -> bool {
        false
    }
}

/// Reads the bytes of a file. The parser's own messages may repeat content, so none is kept.
fn parse(bytes: &[u8], binding: &Binding, adopt_unbound: bool) -> Result<Parsed, Defect> {
    if bytes.is_empty() {
        return Err(Defect::Empty);
    }
    if bytes.len() > MAX_BYTES {
        return Err(Defect::TooLarge);
    }
    if bytes.starts_with(ENCRYPTED) {
        return Ok(left_alone(StoreErrorKind::Downgrade, "is encrypted"));
    }
    let UniqueKeys(unique) = read(bytes)?;
    if !unique {
        return Err(Defect::DuplicateKey);
    }
    if read::<Version>(bytes)?.v.unwrap_or(0) > VERSION {
        let kind = StoreErrorKind::UnsupportedVersion;
        return Ok(left_alone(kind, "was written by a newer version"));
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
        let what = "belongs to another service, user or project";
        return Ok(left_alone(StoreErrorKind::Foreign, what));
    }
    let unbound = extra.origin.is_none() || extra.subject.is_none();
    if unbound && !adopt_unbound {
        let what = "names no service and no user";
        return Ok(left_alone(StoreErrorKind::Foreign, what));
    }
    Ok(Parsed::Record(Read {
        record: Record::new(data),
        generation: Generation::new(extra.generation.unwrap_or(0)),
        notice: unbound.then_some(LoadNotice::Unbound),
        is_outdated: false,
    }))
}

fn left_alone(kind: StoreErrorKind, what: &str) -> Parsed {
    Parsed::LeftAlone(kind, format!("the token file {what}"))
}

/// Writes a record. The buffer never grows, so no copy of the token stays behind in a freed one.
fn serialise(
    record: &Record,
    generation: Generation,
    binding: &Binding,
) -> io::Result<Zeroizing<Vec<u8>>> {
    let extra = Extra {
        v: Some(VERSION),
        generation: Some(generation.number()),
        origin: Some(binding.origin().as_str().to_owned()),
        subject: Some(binding.user().to_owned()),
        project: present(binding.project()),
        namespace: present(binding.namespace()),
        checksum: None,
    };
    let content = Content {
        token: record.token.to_stored(),
        v: VERSION,
        generation: generation.number(),
        origin: binding.origin().as_str(),
        subject: binding.user(),
        project: binding.project(),
        namespace: binding.namespace(),
        checksum: checksum(&record.token, &extra).ok_or(io::ErrorKind::InvalidData)?,
    };
    let mut buffer = Bounded::with_capacity(room(&record.token, binding));
    serde_json::to_writer_pretty(&mut buffer, &content)?;
    buffer.write_all(b"\n")?;
    Ok(buffer.into_inner())
}

fn present(part: &str) -> Option<String> {
    (!part.is_empty()).then(|| part.to_owned())
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
        let is_unbound = self.origin.is_none() && self.subject.is_none();
        let project = self.project.as_deref().unwrap_or_default();
        let namespace = self.namespace.as_deref().unwrap_or_default();
        other(&self.origin, binding.origin().as_str())
            || other(&self.subject, binding.user())
            || !is_unbound && (project, namespace) != (binding.project(), binding.namespace())
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
    let texts = [&extra.origin, &extra.subject].map(|text| text.as_deref().unwrap_or_default());
    // These are younger than the checksum, so they count only where they are.
    let later = [&extra.project, &extra.namespace].into_iter().flatten();
    for text in texts.into_iter().chain(later.map(String::as_str)) {
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
