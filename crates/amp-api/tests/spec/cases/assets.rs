//! Assets.

mod history;
mod supply;

use amp_api::{
    Asset, AssetBalance, AssetSummary, IssueAsset, LostOutputs, Memo, Outpoint, Ownership,
    Registration, TreasuryAddresses, UpdateBlinders, Utxo, operations,
};

use super::{ASSET, TXID};
use crate::case::Case;

pub(super) fn cases() -> Vec<Case> {
    let mut cases = of_one();
    cases.extend(of_its_parts());
    cases.extend(history::cases());
    cases.extend(supply::cases());
    cases
}

fn of_one() -> Vec<Case> {
    let endpoint = "https://gold.example/authorize";
    vec![
        Case::new(&operations::LIST_ASSETS, Asset::list()),
        Case::new(&operations::GET_ASSET, Asset::get(ASSET)).refuses(Asset::get("")),
        Case::new(&operations::LOCK_ASSET, Asset::lock(ASSET)).refuses(Asset::lock("")),
        Case::new(&operations::UNLOCK_ASSET, Asset::unlock(ASSET)).refuses(Asset::unlock("")),
        issue(),
        Case::new(&operations::EDIT_ASSET, Asset::edit(ASSET, endpoint))
            .refuses(Asset::edit("", endpoint))
            .refuses(Asset::edit(ASSET, "")),
        Case::ignored(&operations::DELETE_ASSET, Asset::delete(ASSET)).refuses(Asset::delete("")),
        Case::new(&operations::REGISTER_ASSET, Registration::call(ASSET))
            .refuses(Registration::call("")),
        Case::new(
            &operations::REGISTER_ASSET_AUTHORIZED,
            Asset::register_authorized(ASSET),
        )
        .refuses(Asset::register_authorized("")),
        Case::new(&operations::GET_ASSET_MEMO, Memo::get(ASSET)).refuses(Memo::get("")),
        Case::ignored(&operations::SET_ASSET_MEMO, Memo::set(ASSET, "a \"note\""))
            .refuses(Memo::set("", "a note")),
    ]
}

/// Operations on owners, outputs and addresses.
fn of_its_parts() -> Vec<Case> {
    let outputs = [Outpoint::new(TXID, 0)];
    let addresses = ["tlq1qq2xvpcvfup5j8zscjq05u2wxxjcyewk7979f3mmz5l7".to_owned()];
    vec![
        Case::new(
            &operations::LIST_ASSET_OWNERSHIPS,
            Ownership::list(ASSET, Some(7)),
        )
        .least(Ownership::list(ASSET, None))
        .refuses(Ownership::list("", None)),
        Case::new(
            &operations::LIST_ASSET_OWNERSHIPS_AT_PATH,
            Ownership::list_at_path(ASSET, 7),
        )
        .refuses(Ownership::list_at_path("", 7)),
        Case::new(&operations::GET_ASSET_BALANCE, AssetBalance::get(ASSET))
            .refuses(AssetBalance::get("")),
        Case::new(&operations::GET_ASSET_LOST_OUTPUTS, LostOutputs::get(ASSET))
            .refuses(LostOutputs::get("")),
        Case::new(&operations::GET_ASSET_SUMMARY, AssetSummary::get(ASSET))
            .refuses(AssetSummary::get("")),
        Case::new(&operations::LIST_ASSET_UTXOS, Utxo::list(ASSET)).refuses(Utxo::list("")),
        Case::new(
            &operations::BLACKLIST_ASSET_UTXOS,
            Utxo::blacklist(ASSET, &outputs),
        )
        .refuses(Utxo::blacklist("", &outputs))
        .refuses(Utxo::blacklist(ASSET, &[])),
        Case::new(
            &operations::WHITELIST_ASSET_UTXOS,
            Utxo::whitelist(ASSET, &outputs),
        )
        .refuses(Utxo::whitelist("", &outputs))
        .refuses(Utxo::whitelist(ASSET, &[])),
        Case::new(
            &operations::LIST_TREASURY_ADDRESSES,
            TreasuryAddresses::list(ASSET),
        )
        .refuses(TreasuryAddresses::list("")),
        Case::ignored(
            &operations::ADD_TREASURY_ADDRESSES,
            TreasuryAddresses::add(ASSET, &addresses),
        )
        .refuses(TreasuryAddresses::add("", &addresses))
        .refuses(TreasuryAddresses::add(ASSET, &[])),
        Case::ignored(
            &operations::DELETE_TREASURY_ADDRESSES,
            TreasuryAddresses::delete(ASSET, &addresses),
        )
        .refuses(TreasuryAddresses::delete("", &addresses))
        .refuses(TreasuryAddresses::delete(ASSET, &[])),
        blinders(),
    ]
}

fn blinders() -> Case {
    let full = UpdateBlinders {
        txid: TXID.into(),
        vout: 1,
        asset_blinder: "ab".repeat(32),
        amount_blinder: "cd".repeat(32),
    };
    let without = |change: fn(&mut UpdateBlinders)| {
        let mut blinders = full.clone();
        change(&mut blinders);
        blinders.call(ASSET)
    };
    Case::ignored(&operations::UPDATE_ASSET_BLINDERS, full.call(ASSET))
        .refuses(full.call(""))
        .refuses(without(|blinders| blinders.txid.clear()))
        .refuses(without(|blinders| blinders.asset_blinder.clear()))
        .refuses(without(|blinders| blinders.amount_blinder.clear()))
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
