//! Why an envelope is not opened.

use crate::{KdfOutOfBounds, StoreErrorKind};

/// Why bytes are not an envelope that we open, or a record not one that we seal. No text holds
/// content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EnvelopeError {
    /// The bytes end before the envelope does.
    #[error("it ends too early")]
    Truncated,
    /// More than 65,536 bytes.
    #[error("it is larger than 65536 bytes")]
    TooLarge,
    /// A plain record: whoever put it there took the encryption away.
    #[error("it is not encrypted")]
    Downgrade,
    /// Neither an envelope nor a plain record.
    #[error("it is no encrypted record")]
    NotAnEnvelope,
    /// A newer version sealed it.
    #[error("a newer version encrypted it")]
    UnsupportedVersion,
    /// It is sealed with an algorithm, or under a kind of key, that we do not use.
    #[error("it is encrypted in a way that this version does not use")]
    UnsupportedAlgorithm,
    /// The derivation of its key is not one that we use.
    #[error(transparent)]
    Kdf(#[from] KdfOutOfBounds),
    /// None of our keys has the name that it carries.
    #[error("it is encrypted with another key")]
    WrongKey,
    /// Our key, but another service, user, project or namespace; or the part of the header that
    /// tells this was changed.
    #[error("it is encrypted for another service, user or project")]
    Foreign,
    /// It was changed.
    #[error("it was changed after it was encrypted")]
    Tampered,
    /// It is authentic, and its content is no record.
    #[error("its content is no record")]
    NotARecord,
}

impl EnvelopeError {
    /// What a store says about it.
    pub fn kind(self) -> StoreErrorKind {
        match self {
            Self::Truncated => StoreErrorKind::Truncated,
            Self::TooLarge => StoreErrorKind::TooLarge,
            Self::Downgrade => StoreErrorKind::Downgrade,
            Self::UnsupportedVersion | Self::UnsupportedAlgorithm => {
                StoreErrorKind::UnsupportedVersion
            }
            Self::Kdf(_) => StoreErrorKind::UnsafeKdf,
            Self::WrongKey => StoreErrorKind::WrongKey,
            Self::Foreign => StoreErrorKind::Foreign,
            Self::NotAnEnvelope | Self::Tampered | Self::NotARecord => StoreErrorKind::Tampered,
        }
    }

    /// Whether it must stay where it is: somebody else may be able to use it, or a person has to
    /// decide.
    pub fn is_left_alone(self) -> bool {
        match self {
            Self::Downgrade
            | Self::UnsupportedVersion
            | Self::UnsupportedAlgorithm
            | Self::Kdf(_)
            | Self::WrongKey
            | Self::Foreign => true,
            Self::Truncated
            | Self::TooLarge
            | Self::NotAnEnvelope
            | Self::Tampered
            | Self::NotARecord => false,
        }
    }
}
