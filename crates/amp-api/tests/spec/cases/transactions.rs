//! Broadcasting transactions.

use crate::case::Case;

pub(super) fn cases() -> Vec<Case> {
    vec![]
}
