//! The issuer's account and those of its managers: who may log in, and what each of them sees.

use tokio::time::Instant;

use super::State;
use crate::answer::{self, Answer};
use crate::assets::Asset;
use crate::caller::Caller;

impl State {
    /// Whose credentials these are. A manager's user name is never the issuer's.
    pub(crate) fn whose(&self, username: &str, password: &str) -> Option<Caller> {
        match self.managers.named(username) {
            Some(manager) => manager
                .has_password(password)
                .then_some(Caller::Manager(manager.id())),
            None => self
                .account
                .accepts(username, password)
                .then_some(Caller::Issuer),
        }
    }

    /// Whether this is a manager who may not act.
    pub(crate) fn is_locked(&self, caller: Caller) -> bool {
        match caller {
            Caller::Manager(id) => self.managers.find(id).is_none_or(|one| one.is_locked()),
            Caller::Anonymous | Caller::Issuer => false,
        }
    }

    pub(crate) fn username(&self, caller: Caller) -> &str {
        match caller {
            Caller::Manager(id) => self
                .managers
                .find(id)
                .map_or_else(|| self.account.username(), |one| one.username()),
            Caller::Anonymous | Caller::Issuer => self.account.username(),
        }
    }

    /// Whether a new manager cannot have this user name.
    pub(crate) fn is_taken(&self, username: &str) -> bool {
        self.account.username() == username || self.managers.named(username).is_some()
    }

    /// Sets a password, ends every token that the old one brought, and answers a new one.
    pub(crate) fn change_password(
        &mut self,
        caller: Caller,
        password: String,
        now: Instant,
    ) -> String {
        match caller {
            Caller::Manager(id) => {
                if let Some(manager) = self.managers.find_mut(id) {
                    manager.set_password(password);
                }
            }
            Caller::Anonymous | Caller::Issuer => self.account.set_password(password),
        }
        self.tokens.revoke(caller);
        self.tokens.mint(caller, &mut self.rng, now)
    }

    /// The assets that this caller may see, in order of issue.
    pub(crate) fn visible_assets(&self, caller: Caller) -> impl Iterator<Item = &Asset> {
        let assets = self.assets.all().iter();
        assets.filter(move |asset| self.shows(caller, asset.uuid()))
    }

    /// An asset that this caller may see; to a manager any other one is not there.
    pub(crate) fn visible_asset(&self, caller: Caller, uuid: &str) -> Result<&Asset, Answer> {
        let asset = self.assets.find(uuid);
        asset
            .filter(|_| self.shows(caller, uuid))
            .ok_or_else(answer::not_found)
    }

    fn shows(&self, caller: Caller, uuid: &str) -> bool {
        match caller {
            Caller::Issuer => true,
            Caller::Manager(id) => self.managers.find(id).is_some_and(|one| one.sees(uuid)),
            Caller::Anonymous => false,
        }
    }
}
