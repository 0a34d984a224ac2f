//! The managers to whom the issuer delegates assets.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::caller::ISSUER;

/// The managers in order of their ids, which come from the same numbers as the issuer's.
pub(crate) struct Managers {
    managers: BTreeMap<i64, Manager>,
    last_id: i64,
}

/// One manager, as the service shows it. It has no Debug form, because it knows its password.
#[derive(Serialize)]
pub(crate) struct Manager {
    id: i64,
    username: String,
    is_locked: bool,
    assets: BTreeSet<String>,
    #[serde(skip)]
    password: String,
}

impl Managers {
    pub(crate) fn new() -> Self {
        Self {
            managers: BTreeMap::new(),
            last_id: ISSUER,
        }
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Manager> {
        self.managers.values()
    }

    pub(crate) fn find(&self, id: i64) -> Option<&Manager> {
        self.managers.get(&id)
    }

    pub(crate) fn find_mut(&mut self, id: i64) -> Option<&mut Manager> {
        self.managers.get_mut(&id)
    }

    pub(crate) fn named(&self, username: &str) -> Option<&Manager> {
        self.all().find(|manager| manager.username == username)
    }

    /// A new manager is locked and sees nothing.
    pub(crate) fn add(&mut self, username: String, password: String) -> &Manager {
        self.last_id += 1;
        let id = self.last_id;
        self.managers.entry(id).or_insert(Manager {
            id,
            username,
            is_locked: true,
            assets: BTreeSet::new(),
            password,
        })
    }

    /// Takes an asset that is gone away from everybody.
    pub(crate) fn forget_asset(&mut self, uuid: &str) {
        for manager in self.managers.values_mut() {
            manager.take(uuid);
        }
    }
}

impl Manager {
    pub(crate) fn id(&self) -> i64 {
        self.id
    }

    pub(crate) fn username(&self) -> &str {
        &self.username
    }

    pub(crate) fn is_locked(&self) -> bool {
        self.is_locked
    }

    pub(crate) fn has_password(&self, password: &str) -> bool {
        self.password == password
    }

    pub(crate) fn sees(&self, asset_uuid: &str) -> bool {
        self.assets.contains(asset_uuid)
    }

    pub(crate) fn set_locked(&mut self, locked: bool) {
        self.is_locked = locked;
    }

    pub(crate) fn set_password(&mut self, password: String) {
        self.password = password;
    }

    pub(crate) fn give(&mut self, asset_uuid: &str) {
        self.assets.insert(asset_uuid.to_owned());
    }

    pub(crate) fn take(&mut self, asset_uuid: &str) {
        self.assets.remove(asset_uuid);
    }
}
