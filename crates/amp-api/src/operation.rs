//! What is known about one operation of the service.

use http::Method;
use token_core::Idempotency;

/// One operation of the service: how it is called, and what may be done with it.
///
/// The rows are the constants of [`operations`](crate::operations).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    pub(crate) id: &'static str,
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) idempotency: Idempotency,
    pub(crate) auth: Auth,
    pub(crate) privacy: Privacy,
    pub(crate) confidence: Confidence,
}

impl Operation {
    /// The name in the description of the service, as in `issueAsset`.
    pub const fn id(&self) -> &'static str {
        self.id
    }

    /// The HTTP method.
    pub const fn method(&self) -> &Method {
        &self.method
    }

    /// The path below the base URL, with its variables in braces.
    pub const fn path(&self) -> &'static str {
        self.path
    }

    /// How safe it is to send it once more.
    pub const fn idempotency(&self) -> Idempotency {
        self.idempotency
    }

    /// Whether it carries a token.
    pub const fn auth(&self) -> Auth {
        self.auth
    }

    /// Whether its bodies hold secrets, so that no error may quote them.
    pub const fn is_secret(&self) -> bool {
        matches!(self.privacy, Privacy::Secret)
    }

    /// How well the description of it is proven.
    pub const fn confidence(&self) -> Confidence {
        self.confidence
    }

    /// The class for a caller who names method and path by hand: a GET that changes something is
    /// repeated only when it was certainly not processed.
    pub fn raw_idempotency(&self) -> Idempotency {
        match self.idempotency {
            Idempotency::Idempotent if self.method == Method::GET => Idempotency::OnlyIfUnprocessed,
            class => class,
        }
    }

    /// Whether `path` is this operation's: variables match any segment that is not empty, and a
    /// slash at the end does not count.
    pub(crate) fn matches(&self, path: &str) -> bool {
        let mut ours = segments(self.path);
        let mut theirs = segments(path);
        loop {
            match (ours.next(), theirs.next()) {
                (None, None) => return true,
                (Some(our), Some(their)) if is_variable(our) && !their.is_empty() => {}
                (Some(our), Some(their)) if our == their => {}
                _ => return false,
            }
        }
    }

    /// How many of its segments are variables.
    pub(crate) fn variables(&self) -> usize {
        segments(self.path).filter(|part| is_variable(part)).count()
    }
}

/// Whether an operation carries a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_enums,
    reason = "whoever sends must know every case"
)]
pub enum Auth {
    /// Without a token it is refused.
    Required,
    /// The description leaves open whether a token is needed; one does no harm.
    Optional,
    /// A token must not be sent.
    None,
}

/// Whether the bodies of an operation hold secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Privacy {
    Plain,
    Secret,
}

/// How well the description of an operation is proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_enums, reason = "the description has three marks")]
pub enum Confidence {
    /// One source, or sources that disagree.
    Low,
    /// Seen in code or prose, not in an answer of the service.
    Medium,
    /// Several independent sources agree.
    High,
}

/// The segments of a path that starts with a slash.
pub(crate) fn segments(path: &str) -> impl Iterator<Item = &str> {
    let path = path.strip_prefix('/').unwrap_or(path);
    path.strip_suffix('/').unwrap_or(path).split('/')
}

pub(crate) fn is_variable(segment: &str) -> bool {
    segment.starts_with('{')
}
