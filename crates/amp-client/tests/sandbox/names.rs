//! The names that programs written for amp-rs call.

use std::collections::BTreeSet;

use amp_client::ApiClient;

/// The names of these methods; each of them exists.
macro_rules! names {
    ($($name:ident,)+) => {{
        $(let _ = ApiClient::$name;)+
        [$(stringify!($name)),+]
    }};
}

/// The names of amp-rs that the description of the service has, but for those of its token manager.
fn names_of_the_description() -> BTreeSet<&'static str> {
    let text = include_str!("../../../amp-api/data/amp-api.yaml");
    let marks = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("x-amp-rs: "));
    let ours = marks.filter(|mark| !mark.starts_with("TokenManager::"));
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    ours.filter_map(|mark| {
        mark.split(|letter| !is_part(letter))
            .find(|word| !word.is_empty())
    })
    .collect()
}

// every operation that amp-rs calls is called as there.
#[test]
fn every_operation_has_the_name_that_amp_rs_gave_it() {
    let mut ours = BTreeSet::from(names![
        add_asset_to_category,
        add_asset_to_manager,
        add_asset_treasury_addresses,
        add_categories_to_registered_user,
        add_category,
        add_gaid_to_registered_user,
        add_registered_user,
        add_registered_user_to_category,
        blacklist_asset_utxos,
        broadcast_transaction,
        burn_confirm,
        burn_request,
        cancel_distribution,
        confirm_distribution,
        create_asset_assignments,
        create_distribution,
        create_manager,
        delete_asset,
        delete_asset_assignment,
        delete_asset_treasury_addresses,
        delete_category,
        delete_registered_user,
        edit_asset,
        edit_category,
        edit_registered_user,
        get_asset,
        get_asset_activities,
        get_asset_assignment,
        get_asset_assignments,
        get_asset_balance,
        get_asset_distribution,
        get_asset_distributions,
        get_asset_lost_outputs,
        get_asset_memo,
        get_asset_ownerships,
        get_asset_reissuances,
        get_asset_summary,
        get_asset_transaction,
        get_asset_transactions,
        get_asset_treasury_addresses,
        get_asset_utxos,
        get_assets,
        get_broadcast_status,
        get_categories,
        get_category,
        get_changelog,
        get_gaid_address,
        get_gaid_asset_balance,
        get_gaid_balance,
        get_gaid_registered_user,
        get_manager,
        get_managers,
        get_registered_user,
        get_registered_user_gaids,
        get_registered_user_summary,
        get_registered_users,
        issue_asset,
        lock_asset,
        lock_asset_assignment,
        lock_manager,
        manager_remove_asset,
        register_asset,
        register_asset_authorized,
        reissue_confirm,
        reissue_request,
        remove_asset_from_category,
        remove_categories_from_registered_user,
        remove_registered_user_from_category,
        set_asset_memo,
        set_default_gaid_for_registered_user,
        unlock_asset,
        unlock_asset_assignment,
        unlock_manager,
        update_asset_blinders,
        validate_gaid,
        whitelist_asset_utxos,
    ]);
    let _ = |client: &ApiClient| drop(client.user_change_password("x"));
    let _ = |client: &ApiClient| drop(client.change_manager_password(7, "x"));
    ours.extend(["user_change_password", "change_manager_password"]);
    // Typed here, so that it is not raw any more.
    let _ = ApiClient::get_current_manager;
    ours.insert("get_current_manager_raw");
    assert_eq!(ours, names_of_the_description());
}
