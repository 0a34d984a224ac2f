//! The version and its changes.

use amp_api::{Changelog, Info, operations};

use crate::case::Case;

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case::new(&operations::GET_INFO, Info::get()),
        Case::new(&operations::GET_CHANGELOG, Changelog::get()),
    ]
}
