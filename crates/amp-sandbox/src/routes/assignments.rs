//! What registered users are to get.

use http::StatusCode;
use serde_json::Value;

use super::{Call, DELETE, GET, POST, PUT, Route, Token, assets, route, supply};
use crate::answer::{self, Answer, Outcome};
use crate::assets::Asset;
use crate::assignments::{Assignment, Award};
use crate::book::MOST;
use crate::fields::Fields;
use crate::query::Query;
use crate::state::State;
use crate::timestamp;

pub(super) const ROUTES: &[Route] = &[
    route(GET, "/assets/{}/assignments/?", Token, list),
    route(POST, "/assets/{}/assignments/create", Token, create),
    route(GET, "/assets/{}/assignments/{}", Token, get),
    route(DELETE, "/assets/{}/assignments/{}/delete", Token, delete),
    route(PUT, "/assets/{}/assignments/{}/lock", Token, lock),
    route(PUT, "/assets/{}/assignments/{}/unlock", Token, unlock),
];

fn list(state: &mut State, call: &Call<'_>) -> Outcome {
    let asset = assets::find(state, call)?;
    let mut query = Query::parse(call.request.query);
    let wanted = query.flag("distributed");
    query.finish()?;
    let all = state.assignments.of_asset(asset.uuid());
    let rows: Vec<Value> = all
        .filter(|assignment| wanted.is_none_or(|wanted| wanted == assignment.is_distributed()))
        .map(|assignment| show(assignment, state, call))
        .collect();
    Ok(Answer::ok(&rows))
}

fn get(state: &mut State, call: &Call<'_>) -> Outcome {
    Ok(Answer::ok(&show(find(state, call)?, state, call)))
}

/// Every accepted request assigns, also one that was sent before.
fn create(state: &mut State, call: &Call<'_>) -> Outcome {
    let asset = assets::find(state, call)?;
    let award = read(asset, call)?;
    assets::find_unlocked(state, call)?;
    check(&award, asset, state)?;
    let id = state.assignments.add(award).id();
    let assignment = state.assignments.find(call.segment(0), id);
    let rows: Vec<Value> = assignment
        .map(|assignment| show(assignment, state, call))
        .into_iter()
        .collect();
    Ok(Answer::ok(&rows))
}

fn read(asset: &Asset, call: &Call<'_>) -> Result<Award, Answer> {
    let mut fields = one_assignment(call)?;
    let award = Award {
        asset_uuid: asset.uuid().to_owned(),
        registered_user: fields.integer("registered_user", i64::MIN..=i64::MAX),
        amount: fields.integer("amount", 1..=MOST),
        vests_at: fields.nullable_integer("vesting_timestamp", 0..=timestamp::LAST),
        is_ready: fields.flag("ready_for_distribution"),
        creator: call.caller.user_id(),
    };
    fields.finish()?;
    Ok(award)
}

/// Since version 0.1.7 the service takes one assignment in each request.
fn one_assignment(call: &Call<'_>) -> Result<Fields, Answer> {
    let mut fields = call.fields()?;
    let mut assignments = fields.objects("assignments");
    let is_one = assignments.len() == 1;
    fields.check("assignments", is_one, "Exactly one assignment is required.");
    fields.finish()?;
    Ok(Fields::of(assignments.pop().unwrap_or_default()))
}

fn check(award: &Award, asset: &Asset, state: &State) -> Result<(), Answer> {
    let id = award.registered_user;
    let user = state.registered_users.find(id).ok_or_else(|| {
        let text = format!("Invalid pk \"{id}\" - object does not exist.");
        answer::field_error("registered_user", &text)
    })?;
    if !user.is_in_all(asset.requirements()) {
        return Err(answer::non_field_error(
            "The registered user is not in the categories that the asset requires.",
        ));
    }
    match award.amount > state.unassigned(asset) {
        true => Err(supply::not_enough()),
        false => Ok(()),
    }
}

/// One that a distribution has cannot be deleted: its amount is on its way or has arrived.
fn delete(state: &mut State, call: &Call<'_>) -> Outcome {
    let assignment = find(state, call)?;
    if !assignment.is_open() {
        let text = "The assignment belongs to a distribution.";
        return Err(answer::detail(StatusCode::FORBIDDEN, text));
    }
    let id = assignment.id();
    state.assignments.remove(id);
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

fn lock(state: &mut State, call: &Call<'_>) -> Outcome {
    set_locked(state, call, true)
}

fn unlock(state: &mut State, call: &Call<'_>) -> Outcome {
    set_locked(state, call, false)
}

/// No distribution takes a locked one.
fn set_locked(state: &mut State, call: &Call<'_>, is_locked: bool) -> Outcome {
    let id = find(state, call)?.id();
    if let Some(assignment) = state.assignments.find_mut(id) {
        assignment.set_locked(is_locked);
    }
    get(state, call)
}

fn find<'a>(state: &'a State, call: &Call<'_>) -> Result<&'a Assignment, Answer> {
    let asset = assets::find(state, call)?;
    let assignment = state.assignments.find(asset.uuid(), call.id(1)?);
    assignment.ok_or_else(answer::not_found)
}

fn show(assignment: &Assignment, state: &State, call: &Call<'_>) -> Value {
    assignment.show(&state.registered_users, state.unix_time(call.now()))
}
