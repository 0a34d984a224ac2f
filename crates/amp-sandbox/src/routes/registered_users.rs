//! The registered users and their GAIDs.

use http::StatusCode;
use serde_json::json;

use super::{Call, DELETE, GET, IssuerToken, POST, PUT, Route, Token, route, user_summary};
use crate::answer::{self, Answer, Outcome};
use crate::assignments::Assignment;
use crate::gaid;
use crate::registered_users::{GaidTaken, Profile, RegisteredUser};
use crate::state::State;

pub(super) const ROUTES: &[Route] = &[
    route(GET, "/registered_users/?", Token, list),
    route(POST, "/registered_users/add", Token, add),
    route(GET, "/registered_users/{}", Token, get),
    route(PUT, "/registered_users/{}/edit", Token, edit),
    route(DELETE, "/registered_users/{}/delete", IssuerToken, delete),
    route(
        GET,
        "/registered_users/{}/summary",
        Token,
        user_summary::get,
    ),
    route(GET, "/registered_users/{}/gaids", Token, gaids),
    route(POST, "/registered_users/{}/gaids/add", Token, add_gaid),
    route(
        POST,
        "/registered_users/{}/gaids/set-default",
        Token,
        set_default_gaid,
    ),
    route(
        PUT,
        "/registered_users/{}/categories/add",
        IssuerToken,
        add_categories,
    ),
    route(
        PUT,
        "/registered_users/{}/categories/delete",
        IssuerToken,
        remove_categories,
    ),
];

const TAKEN: &str = "A registered user with this GAID was already created.";
const MALFORMED: &str = "Invalid GAID.";

fn list(state: &mut State, _: &Call<'_>) -> Outcome {
    let users: Vec<&RegisteredUser> = state.registered_users.all().collect();
    Ok(Answer::ok(&users))
}

fn get(state: &mut State, call: &Call<'_>) -> Outcome {
    Ok(Answer::ok(find(state, call.id(0)?)?))
}

fn add(state: &mut State, call: &Call<'_>) -> Outcome {
    let mut fields = call.fields()?;
    let profile = Profile {
        name: fields.text("name", 1..=255),
        gaid: fields.nullable_text("GAID", 1..=255),
        is_company: fields.flag("is_company"),
        creator: call.caller.user_id(),
    };
    let gaid = profile.gaid.as_deref();
    fields.check("GAID", gaid.is_none_or(gaid::is_well_formed), MALFORMED);
    fields.finish()?;
    let added = state.registered_users.add(profile);
    let user = added.map_err(|GaidTaken| answer::field_error("GAID", TAKEN))?;
    Ok(Answer::json(StatusCode::CREATED, user))
}

/// Only the name can change; null and no name leave it as it is.
fn edit(state: &mut State, call: &Call<'_>) -> Outcome {
    let id = find(state, call.id(0)?)?.id();
    let mut fields = call.fields()?;
    let name = fields.nullable_text("name", 1..=255);
    fields.finish()?;
    let users = &mut state.registered_users;
    let user = users.find_mut(id).ok_or_else(answer::not_found)?;
    if let Some(name) = name {
        user.rename(name);
    }
    Ok(Answer::ok(user))
}

fn delete(state: &mut State, call: &Call<'_>) -> Outcome {
    let id = call.id(0)?;
    if find(state, id)?.is_in_a_category() {
        return Err(answer::non_field_error(
            "Remove the registered user from its categories first.",
        ));
    }
    if !state
        .assignments
        .of_user(id)
        .all(Assignment::is_distributed)
    {
        return Err(answer::non_field_error(
            "Delete the assignments of the registered user first.",
        ));
    }
    state.registered_users.remove(id);
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

fn gaids(state: &mut State, call: &Call<'_>) -> Outcome {
    Ok(Answer::ok(&find(state, call.id(0)?)?.gaids()))
}

fn add_gaid(state: &mut State, call: &Call<'_>) -> Outcome {
    let id = find(state, call.id(0)?)?.id();
    let gaid = well_formed(call)?;
    let attached = state.registered_users.attach(id, &gaid);
    attached.map_err(|GaidTaken| answer::non_field_error(TAKEN))?;
    Ok(Answer::ok(&json!({})))
}

/// Answers nothing at all, as the service may.
fn set_default_gaid(state: &mut State, call: &Call<'_>) -> Outcome {
    let id = find(state, call.id(0)?)?.id();
    let gaid = well_formed(call)?;
    let users = &mut state.registered_users;
    let user = users.find_mut(id).ok_or_else(answer::not_found)?;
    if !user.set_default(&gaid) {
        return Err(answer::non_field_error(
            "The GAID does not belong to this registered user.",
        ));
    }
    Ok(Answer::empty(StatusCode::OK))
}

/// The service took this out in 0.1.7; clients written before still use it.
fn add_categories(state: &mut State, call: &Call<'_>) -> Outcome {
    for_each_category(state, call, RegisteredUser::join)
}

fn remove_categories(state: &mut State, call: &Call<'_>) -> Outcome {
    for_each_category(state, call, RegisteredUser::leave)
}

/// All of the categories or none.
fn for_each_category(
    state: &mut State,
    call: &Call<'_>,
    change: fn(&mut RegisteredUser, i64),
) -> Outcome {
    let id = find(state, call.id(0)?)?.id();
    let mut fields = call.fields()?;
    let wanted = fields.integers("categories");
    let unknown = wanted
        .iter()
        .find(|id| state.categories.find(**id).is_none());
    if let Some(unknown) = unknown {
        let text = format!("Invalid pk \"{unknown}\" - object does not exist.");
        fields.check("categories", false, &text);
    }
    fields.finish()?;
    let user = state.registered_users.find_mut(id);
    let user = user.ok_or_else(answer::not_found)?;
    wanted
        .into_iter()
        .for_each(|category| change(user, category));
    Ok(Answer::empty(StatusCode::OK))
}

fn find(state: &State, id: i64) -> Result<&RegisteredUser, Answer> {
    let user = state.registered_users.find(id);
    user.ok_or_else(answer::not_found)
}

/// The GAID in the body.
fn well_formed(call: &Call<'_>) -> Result<String, Answer> {
    let gaid = call.text()?;
    match gaid::is_well_formed(&gaid) {
        true => Ok(gaid),
        false => Err(answer::non_field_error(MALFORMED)),
    }
}
