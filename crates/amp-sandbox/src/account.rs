//! Whose credentials are right.

use std::fmt;

/// Whose credentials are right.
#[derive(Clone)]
pub(crate) enum Account {
    /// One user.
    Only { username: String, password: String },
    /// Every user with a name and a password that are not empty.
    Anyone,
}

impl Account {
    pub(crate) fn accepts(&self, username: &str, password: &str) -> bool {
        match self {
            Self::Only {
                username: known,
                password: right,
            } => username == known && password == right,
            Self::Anyone => !username.is_empty() && !password.is_empty(),
        }
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Only { .. } => f.write_str("Only([redacted])"),
            Self::Anyone => f.write_str("Anyone"),
        }
    }
}
