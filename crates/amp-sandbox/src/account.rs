//! Whose credentials are right.

use std::fmt;

use crate::sandbox::DEFAULT_USERNAME;

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

    /// What the service calls the user. Where everyone is let in, no name is kept and all are the same user.
    pub(crate) fn username(&self) -> &str {
        match self {
            Self::Only { username, .. } => username,
            Self::Anyone => DEFAULT_USERNAME,
        }
    }

    /// Where everyone is let in, any password stays as good as another.
    pub(crate) fn set_password(&mut self, new: String) {
        match self {
            Self::Only { password, .. } => *password = new,
            Self::Anyone => {}
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
