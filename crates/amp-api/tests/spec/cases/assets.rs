//! Assets.

use amp_api::{Asset, IssueAsset, operations};

use super::ASSET;
use crate::case::Case;

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case::new(&operations::LIST_ASSETS, Asset::list()),
        Case::new(&operations::GET_ASSET, Asset::get(ASSET)).refuses(Asset::get("")),
        Case::new(&operations::LOCK_ASSET, Asset::lock(ASSET)).refuses(Asset::lock("")),
        Case::new(&operations::UNLOCK_ASSET, Asset::unlock(ASSET)).refuses(Asset::unlock("")),
        issue(),
    ]
}

fn issue() -> Case {
    let least = IssueAsset {
        name: "Gold coin".into(),
        amount: 1,
        destination_address: "vjTvpDMQx3EQ2bS3".into(),
        domain: "gold.example".into(),
        ticker: "GOLD".into(),
        pubkey: "02".repeat(33),
        ..IssueAsset::default()
    };
    let full = IssueAsset {
        precision: Some(8),
        is_confidential: Some(true),
        is_reissuable: Some(true),
        reissuance_amount: Some(1),
        reissuance_address: Some("vjU1".into()),
        transfer_restricted: Some(true),
        ..least.clone()
    };
    let without = |change: fn(&mut IssueAsset)| {
        let mut issue = least.clone();
        change(&mut issue);
        issue.call()
    };
    Case::new(&operations::ISSUE_ASSET, full.call())
        .least(least.call())
        .refuses(without(|issue| issue.name.clear()))
        .refuses(without(|issue| issue.amount = 0))
        .refuses(without(|issue| issue.destination_address.clear()))
        .refuses(without(|issue| issue.domain.clear()))
        .refuses(without(|issue| issue.ticker.clear()))
        .refuses(without(|issue| issue.pubkey.clear()))
}
