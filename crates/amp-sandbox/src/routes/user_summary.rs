//! What one registered user was assigned and paid, and what it has.

use serde_json::{Value, json};

use super::Call;
use crate::answer::{self, Answer, Outcome};
use crate::assets::Asset;
use crate::assignments::Assignment;
use crate::book::Owner;
use crate::distributions::Distribution;
use crate::registered_users::RegisteredUser;
use crate::state::State;

/// One entry for each asset that the user was assigned or has.
pub(super) fn get(state: &mut State, call: &Call<'_>) -> Outcome {
    let user = state.registered_users.find(call.id(0)?);
    let user = user.ok_or_else(answer::not_found)?;
    let now = state.unix_time(call.now());
    let assets = state.visible_assets(call.caller);
    let shares = assets.map(|asset| Share::new(state, user, asset));
    let rows: Vec<Value> = shares
        .filter(|share| !share.is_nothing())
        .map(|share| share.show(state, now))
        .collect();
    Ok(Answer::ok(&rows))
}

/// What a user has to do with one asset.
struct Share<'a> {
    user: &'a RegisteredUser,
    asset: &'a Asset,
    assignments: Vec<&'a Assignment>,
    /// Those that were paid and that the user has a part in.
    distributions: Vec<&'a Distribution>,
    balance: i64,
}

impl<'a> Share<'a> {
    fn new(state: &'a State, user: &'a RegisteredUser, asset: &'a Asset) -> Self {
        let assignments = state.assignments.of_asset(asset.uuid());
        let distributions = state.distributions.of_asset(asset.uuid());
        let wallets = user.gaids().iter().cloned().map(Owner::Wallet);
        Self {
            user,
            asset,
            assignments: assignments
                .filter(|one| one.registered_user() == user.id())
                .collect(),
            distributions: distributions
                .filter(|one| one.is_confirmed() && one.sum_of(user.id()) > 0)
                .collect(),
            balance: wallets.map(|wallet| asset.book.held_by(&wallet)).sum(),
        }
    }

    fn is_nothing(&self) -> bool {
        self.assignments.is_empty() && self.balance == 0
    }

    /// As the service shows it.
    fn show(&self, state: &State, now: i64) -> Value {
        let assignments = self.assignments.iter();
        let distributions = self.distributions.iter();
        let shown: Vec<Value> = assignments
            .clone()
            .map(|one| one.show(&state.registered_users, now))
            .collect();
        let paid: Vec<Value> = distributions
            .clone()
            .map(|one| one.show(&self.asset.book))
            .collect();
        json!({
            "asset_uuid": self.asset.uuid(),
            "asset_id": self.asset.id(),
            "assignments": shown,
            "assignments_sum": assignments.map(|one| one.amount()).sum::<i64>(),
            "distributions": paid,
            "distributions_sum": distributions.map(|one| one.sum_of(self.user.id())).sum::<i64>(),
            "balance": self.balance,
        })
    }
}
