//! Managers.

use amp_api::{ChangedPassword, CreateManager, Manager, operations};

use super::ASSET;
use super::user::changed;
use crate::case::Case;

pub(super) fn cases() -> Vec<Case> {
    let create = |username: &str, password: &str| {
        let (username, password) = (username.into(), password.into());
        CreateManager { username, password }.call()
    };
    vec![
        Case::new(&operations::LIST_MANAGERS, Manager::list()),
        Case::new(&operations::CREATE_MANAGER, create("manager", "p4ss"))
            .refuses(create("", "p4ss"))
            .refuses(create("manager", "")),
        Case::new(&operations::GET_CURRENT_MANAGER, Manager::current()),
        Case::new(&operations::GET_MANAGER, Manager::get(7)),
        Case::new(&operations::LOCK_MANAGER, Manager::lock(7)),
        Case::new(&operations::UNLOCK_MANAGER, Manager::unlock(7)),
        Case::new(&operations::MANAGER_ADD_ASSET, Manager::add_asset(7, ASSET))
            .refuses(Manager::add_asset(7, "")),
        Case::new(
            &operations::MANAGER_REMOVE_ASSET,
            Manager::remove_asset(7, ASSET),
        )
        .refuses(Manager::remove_asset(7, "")),
        Case::new(
            &operations::MANAGER_REMOVE_ASSET_POST,
            Manager::remove_asset_by_post(7, ASSET),
        )
        .refuses(Manager::remove_asset_by_post(7, "")),
        Case::shown(
            &operations::CHANGE_MANAGER_PASSWORD,
            ChangedPassword::of_manager(7, &"n3w".into()),
            changed,
        )
        .forgets("password")
        .refuses(ChangedPassword::of_manager(7, &"".into())),
    ]
}
