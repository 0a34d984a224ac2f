//! Why a file of ours is not used.

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
    #[error("it is older than what was there before")]
    RolledBack,
    #[cfg(feature = "encrypted")]
    #[error(transparent)]
    Envelope(#[from] crate::EnvelopeError),
}
