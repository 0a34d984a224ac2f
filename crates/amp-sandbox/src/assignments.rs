//! What registered users are to get.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use crate::registered_users::RegisteredUsers;
use crate::timestamp;

/// The assignments of all assets in order of their ids.
#[derive(Default)]
pub(crate) struct Assignments {
    assignments: BTreeMap<i64, Assignment>,
    last_id: i64,
}

/// What a new assignment is made of.
#[derive(Clone, Debug)]
pub(crate) struct Award {
    pub(crate) asset_uuid: String,
    pub(crate) registered_user: i64,
    /// In the smallest unit.
    pub(crate) amount: i64,
    /// In seconds since 1970.
    pub(crate) vests_at: Option<i64>,
    pub(crate) is_ready: bool,
    pub(crate) creator: i64,
}

/// One assignment and what became of it.
#[derive(Clone, Debug)]
pub(crate) struct Assignment {
    id: i64,
    award: Award,
    is_locked: bool,
    stage: Stage,
}

/// How far an assignment has come.
#[derive(Clone, Debug)]
enum Stage {
    Open,
    /// It is in a distribution that is not confirmed.
    Pending(Delivery),
    Distributed(Delivery),
}

/// Where an assignment goes.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Delivery {
    pub(crate) distribution_uuid: String,
    pub(crate) address: String,
    pub(crate) gaid: String,
}

impl Assignments {
    pub(crate) fn of_asset<'a>(&'a self, uuid: &'a str) -> impl Iterator<Item = &'a Assignment> {
        let all = self.assignments.values();
        all.filter(move |assignment| assignment.award.asset_uuid == uuid)
    }

    pub(crate) fn of_user(&self, id: i64) -> impl Iterator<Item = &Assignment> {
        let all = self.assignments.values();
        all.filter(move |assignment| assignment.award.registered_user == id)
    }

    /// An assignment of this asset.
    pub(crate) fn find(&self, asset_uuid: &str, id: i64) -> Option<&Assignment> {
        let found = self.assignments.get(&id);
        found.filter(|assignment| assignment.award.asset_uuid == asset_uuid)
    }

    pub(crate) fn find_mut(&mut self, id: i64) -> Option<&mut Assignment> {
        self.assignments.get_mut(&id)
    }

    pub(crate) fn add(&mut self, award: Award) -> &Assignment {
        self.last_id += 1;
        let assignment = Assignment {
            id: self.last_id,
            award,
            is_locked: false,
            stage: Stage::Open,
        };
        self.assignments.entry(self.last_id).or_insert(assignment)
    }

    pub(crate) fn remove(&mut self, id: i64) {
        self.assignments.remove(&id);
    }

    /// Forgets those of an asset.
    pub(crate) fn remove_asset(&mut self, uuid: &str) {
        self.assignments
            .retain(|_, assignment| assignment.award.asset_uuid != uuid);
    }

    /// How much of an asset is assigned, distributed or not.
    pub(crate) fn assigned(&self, asset_uuid: &str) -> i64 {
        self.of_asset(asset_uuid).map(Assignment::amount).sum()
    }

    /// How much of an asset was assigned and distributed.
    pub(crate) fn distributed(&self, asset_uuid: &str) -> i64 {
        let all = self.of_asset(asset_uuid);
        let distributed = all.filter(|assignment| assignment.is_distributed());
        distributed.map(Assignment::amount).sum()
    }
}

impl Assignment {
    pub(crate) fn id(&self) -> i64 {
        self.id
    }

    pub(crate) fn registered_user(&self) -> i64 {
        self.award.registered_user
    }

    pub(crate) fn amount(&self) -> i64 {
        self.award.amount
    }

    pub(crate) fn is_distributed(&self) -> bool {
        matches!(self.stage, Stage::Distributed(_))
    }

    /// Whether no distribution has it.
    pub(crate) fn is_open(&self) -> bool {
        matches!(self.stage, Stage::Open)
    }

    /// Whether the next distribution takes it.
    pub(crate) fn is_due(&self, now: i64) -> bool {
        self.is_open() && self.award.is_ready && !self.is_locked && self.has_vested(now)
    }

    pub(crate) fn set_locked(&mut self, is_locked: bool) {
        self.is_locked = is_locked;
    }

    /// Puts it into a distribution.
    pub(crate) fn deliver(&mut self, delivery: Delivery) {
        self.stage = Stage::Pending(delivery);
    }

    /// Takes it out of a distribution that is not confirmed.
    pub(crate) fn release(&mut self) {
        if matches!(self.stage, Stage::Pending(_)) {
            self.stage = Stage::Open;
        }
    }

    /// Its distribution is confirmed.
    pub(crate) fn complete(&mut self) {
        if let Stage::Pending(delivery) = &self.stage {
            self.stage = Stage::Distributed(delivery.clone());
        }
    }

    fn has_vested(&self, now: i64) -> bool {
        self.award.vests_at.is_none_or(|vests_at| vests_at <= now)
    }

    fn delivery(&self) -> Option<&Delivery> {
        match &self.stage {
            Stage::Open => None,
            Stage::Pending(delivery) | Stage::Distributed(delivery) => Some(delivery),
        }
    }

    /// As the service shows it; the GAID is the user's default one until it is settled where the amount goes.
    pub(crate) fn show(&self, users: &RegisteredUsers, now: i64) -> Value {
        let award = &self.award;
        let user = users.find(award.registered_user);
        let delivery = self.delivery();
        let gaid = delivery.map(|delivery| delivery.gaid.as_str());
        json!({
            "id": self.id,
            "registered_user": award.registered_user,
            "amount": award.amount,
            "receiving_address": delivery.map(|delivery| &delivery.address),
            "distribution_uuid": delivery.map(|delivery| &delivery.distribution_uuid),
            "ready_for_distribution": award.is_ready,
            "vesting_datetime": award.vests_at.map(timestamp::iso),
            "vesting_timestamp": award.vests_at,
            "has_vested": self.has_vested(now),
            "is_distributed": self.is_distributed(),
            "creator": award.creator,
            "GAID": gaid.or_else(|| user?.default_gaid()),
            "investor": award.registered_user,
        })
    }
}
