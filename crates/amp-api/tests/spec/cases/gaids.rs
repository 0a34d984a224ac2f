//! GAIDs.

use amp_api::{GaidAddress, GaidBalanceEntry, GaidValidation, RegisteredUser, operations};

use super::{ASSET, GAID};
use crate::case::Case;

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case::new(&operations::VALIDATE_GAID, GaidValidation::get(GAID))
            .refuses(GaidValidation::get("")),
        Case::new(&operations::GET_GAID_ADDRESS, GaidAddress::get(GAID))
            .refuses(GaidAddress::get("")),
        Case::new(
            &operations::GET_GAID_REGISTERED_USER,
            RegisteredUser::of_gaid(GAID),
        )
        .refuses(RegisteredUser::of_gaid("")),
        Case::new(&operations::GET_GAID_BALANCE, GaidBalanceEntry::list(GAID))
            .refuses(GaidBalanceEntry::list("")),
        Case::new(
            &operations::GET_GAID_ASSET_BALANCE,
            GaidBalanceEntry::get(GAID, ASSET),
        )
        .refuses(GaidBalanceEntry::get("", ASSET))
        .refuses(GaidBalanceEntry::get(GAID, "")),
    ]
}
