//! The header: 192 bytes in clear, every one of them authenticated.
//!
//! The table is in `docs/formats.md`. Everything is little-endian.

use crate::{EnvelopeError, Generation, Kdf, KeyId, KeyPlace, key::Cost};

/// The length of the header in bytes.
pub(crate) const LENGTH: usize = 192;

/// The length of the tag at the end of the body.
pub(crate) const TAG: usize = 16;

/// The plaintext is padded to a multiple of this.
pub(crate) const BLOCK: usize = 256;

/// The longest envelope in bytes (C-05).
pub(crate) const MAX_BYTES: usize = 65_536;

/// Its first bytes: one that is not ASCII, and line ends, so that a transfer as text is noticed.
pub(crate) const MAGIC: [u8; 8] = *b"\x89TKST\r\n\x1a";

const VERSION: u8 = 1;
const XCHACHA20_POLY1305: u8 = 1;

const RAW: u8 = 0;
const OS_KEYRING: u8 = 1;
const ARGON2ID: u8 = 2;
const PBKDF2: u8 = 3;

/// What a header of version 1 tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) body_len: usize,
    pub(crate) kek: Kek,
    pub(crate) key_id: KeyId,
    pub(crate) generation: Generation,
    /// Milliseconds since 1970, for people.
    pub(crate) written_at: i64,
    pub(crate) msg_salt: [u8; 32],
    pub(crate) nonce: [u8; 24],
    pub(crate) commitment: [u8; 32],
}

/// Where the key comes from that the key of this one envelope is derived from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kek {
    Kept(KeyPlace),
    Derived(Kdf, [u8; 32]),
}

impl Header {
    pub(crate) fn encode(&self) -> [u8; LENGTH] {
        let mut bytes = [0; LENGTH];
        let mut put = |at: usize, field: &[u8]| {
            bytes[at..at + field.len()].copy_from_slice(field);
        };
        put(0, &MAGIC);
        put(8, &[VERSION, VERSION, XCHACHA20_POLY1305, self.kek.kind()]);
        put(12, &(LENGTH as u16).to_le_bytes());
        let body_len = u32::try_from(self.body_len).expect("a body is below 64 KiB");
        put(16, &body_len.to_le_bytes());
        if let Kek::Derived(kdf, salt) = &self.kek {
            let (cost, passes, lanes) = match kdf.0 {
                Cost::Argon2id {
                    memory_kib,
                    passes,
                    lanes,
                } => (memory_kib, passes, lanes),
                Cost::Pbkdf2 { iterations } => (iterations, 0, 0),
            };
            put(20, &cost.to_le_bytes());
            put(24, &passes.to_le_bytes());
            put(26, &[lanes]);
            put(64, salt);
        }
        put(32, &self.generation.number().to_le_bytes());
        put(40, &self.written_at.to_le_bytes());
        put(48, self.key_id.bytes());
        put(96, &self.msg_salt);
        put(128, &self.nonce);
        put(160, &self.commitment);
        bytes
    }

    /// Reads the header of an envelope, which is judged as far as that is possible without a key:
    /// lengths first, then what may be a newer version's, then everything that must be so.
    ///
    /// Nothing is authentic yet.
    pub(crate) fn decode(envelope: &[u8]) -> Result<Self, EnvelopeError> {
        if envelope.len() > MAX_BYTES {
            return Err(EnvelopeError::TooLarge);
        }
        let Some((header, body)) = envelope.split_first_chunk::<LENGTH>() else {
            return Err(of_a_fragment(envelope));
        };
        if !header.starts_with(&MAGIC) {
            return Err(of_a_fragment(envelope));
        }
        check_version(header)?;
        if header[10] != XCHACHA20_POLY1305 || header[11] > PBKDF2 {
            return Err(EnvelopeError::UnsupportedAlgorithm);
        }
        let length = u16::from_le_bytes(field(header, 12));
        let flags_and_reserved = [&header[14..16], &header[27..32], &header[152..160]];
        let is_clean = flags_and_reserved
            .into_iter()
            .flatten()
            .all(|byte| *byte == 0);
        if usize::from(length) != LENGTH || !is_clean {
            return Err(EnvelopeError::Tampered);
        }
        let generation = u64::from_le_bytes(field(header, 32));
        if generation == 0 {
            return Err(EnvelopeError::Tampered);
        }
        Ok(Self {
            body_len: check_body(u32::from_le_bytes(field(header, 16)), body)?,
            kek: Kek::decode(header)?,
            key_id: KeyId::new(field(header, 48)),
            generation: Generation::new(generation),
            written_at: i64::from_le_bytes(field(header, 40)),
            msg_salt: field(header, 96),
            nonce: field(header, 128),
            commitment: field(header, 160),
        })
    }
}

impl Kek {
    fn kind(&self) -> u8 {
        match self {
            Self::Kept(KeyPlace::Program) => RAW,
            Self::Kept(KeyPlace::OsKeyring) => OS_KEYRING,
            Self::Derived(Kdf(Cost::Argon2id { .. }), _) => ARGON2ID,
            Self::Derived(Kdf(Cost::Pbkdf2 { .. }), _) => PBKDF2,
        }
    }

    fn decode(header: &[u8; LENGTH]) -> Result<Self, EnvelopeError> {
        let cost = u32::from_le_bytes(field(header, 20));
        let (passes, lanes) = (u16::from_le_bytes(field(header, 24)), header[26]);
        let salt: [u8; 32] = field(header, 64);
        let unused = |is_unused: bool| is_unused.then_some(()).ok_or(EnvelopeError::Tampered);
        match header[11] {
            ARGON2ID => Ok(Self::Derived(Kdf::argon2id(cost, passes, lanes)?, salt)),
            PBKDF2 => {
                unused((passes, lanes) == (0, 0))?;
                Ok(Self::Derived(Kdf::pbkdf2(cost)?, salt))
            }
            kind => {
                unused((cost, passes, lanes) == (0, 0, 0) && salt == [0; 32])?;
                let place = match kind {
                    OS_KEYRING => KeyPlace::OsKeyring,
                    _ => KeyPlace::Program,
                };
                Ok(Self::Kept(place))
            }
        }
    }
}

/// Version 1 reads itself alone: a newer one may mean anything.
fn check_version(header: &[u8; LENGTH]) -> Result<(), EnvelopeError> {
    match (header[8], header[9]) {
        (VERSION, VERSION) => Ok(()),
        (0, _) | (_, 0) => Err(EnvelopeError::Tampered),
        _ => Err(EnvelopeError::UnsupportedVersion),
    }
}

fn check_body(stated: u32, body: &[u8]) -> Result<usize, EnvelopeError> {
    let stated = usize::try_from(stated).map_err(|_| EnvelopeError::Truncated)?;
    if stated > body.len() {
        return Err(EnvelopeError::Truncated);
    }
    let is_whole =
        stated == body.len() && stated >= BLOCK + TAG && (stated - TAG).is_multiple_of(BLOCK);
    is_whole.then_some(stated).ok_or(EnvelopeError::Tampered)
}

/// What bytes are that are too short for an envelope, or do not begin like one.
fn of_a_fragment(bytes: &[u8]) -> EnvelopeError {
    let begin = bytes.len().min(MAGIC.len());
    if bytes[..begin] == MAGIC[..begin] {
        return EnvelopeError::Truncated;
    }
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    match first {
        Some(b'{') => EnvelopeError::Downgrade,
        _ => EnvelopeError::NotAnEnvelope,
    }
}

/// Copies `N` bytes from `at` on; the callers' offsets lie inside the header.
fn field<const N: usize>(header: &[u8; LENGTH], at: usize) -> [u8; N] {
    let mut copy = [0; N];
    copy.copy_from_slice(&header[at..at + N]);
    copy
}
