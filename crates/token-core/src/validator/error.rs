//! What is wrong with a token that was handed out.

use crate::{ErrorClass, TokenError, TokenFailure};

/// Why a token that an authority handed out is not used. It repeats no part of the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnacceptableToken {
    /// Not three parts of base64url, none of them empty.
    #[error("the token is not a JWT of three parts")]
    NotJwt,
    /// Header or claims are not the JSON objects they should be.
    #[error("the header or the claims of the token cannot be read")]
    Unreadable,
    /// The header names `none`, or an algorithm that the rules do not allow.
    #[error("the token is signed with an algorithm that is not allowed")]
    Algorithm,
    /// Neither the answer nor the token says when it ends.
    #[error("neither the token nor its answer says when it ends")]
    Endless,
    /// Nothing of its life is left.
    #[error("the token has no life left")]
    Ended,
    /// It lives longer than the rules allow.
    #[error("the token lives longer than is allowed")]
    TooLong,
}

impl UnacceptableToken {
    /// What can be done about it: garbage may be an accident of the moment, but what an authority
    /// signs with, and for how long, is its configuration.
    pub const fn class(self) -> ErrorClass {
        match self {
            Self::NotJwt | Self::Unreadable | Self::Endless | Self::Ended => ErrorClass::Transient,
            Self::Algorithm | Self::TooLong => ErrorClass::Terminal,
        }
    }
}

impl From<UnacceptableToken> for TokenError {
    fn from(error: UnacceptableToken) -> Self {
        let failure = TokenFailure::new(error.class(), error.to_string());
        Self::Validation(failure.with_source(error))
    }
}
