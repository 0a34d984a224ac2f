//! Who a request comes from.

/// The user id of the issuer.
pub(crate) const ISSUER: i64 = 7;

/// Who a request comes from, as its token says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// Nobody was asked for: the operation is open.
    Anonymous,
    /// The account that owns everything.
    Issuer,
    /// The manager with this id, who sees the assets that the issuer gave it.
    Manager(i64),
}

impl Caller {
    /// What stands in the `creator` of what this caller adds.
    pub(crate) fn user_id(self) -> i64 {
        match self {
            Self::Anonymous | Self::Issuer => ISSUER,
            Self::Manager(id) => id,
        }
    }
}
