//! The categories, and who is in them.

use http::StatusCode;
use serde::Serialize;

use super::{Call, DELETE, GET, IssuerToken, POST, PUT, Route, Token, route};
use crate::answer::{self, Answer, Outcome};
use crate::caller::Caller;
use crate::categories::Category;
use crate::state::State;

pub(super) const ROUTES: &[Route] = &[
    route(GET, "/categories/?", Token, list),
    route(POST, "/categories/add", IssuerToken, add),
    route(GET, "/categories/{}", Token, get),
    route(PUT, "/categories/{}/edit", IssuerToken, edit),
    route(DELETE, "/categories/{}/delete", IssuerToken, delete),
    route(
        PUT,
        "/categories/{}/registered_users/{}/add",
        IssuerToken,
        add_user,
    ),
    route(
        PUT,
        "/categories/{}/registered_users/{}/remove",
        IssuerToken,
        remove_user,
    ),
    route(PUT, "/categories/{}/assets/{}/add", IssuerToken, add_asset),
    route(
        PUT,
        "/categories/{}/assets/{}/remove",
        IssuerToken,
        remove_asset,
    ),
];

/// A category with its members, as the service shows it.
#[derive(Serialize)]
struct View<'a> {
    id: i64,
    name: &'a str,
    description: Option<&'a str>,
    registered_users: Vec<i64>,
    assets: Vec<&'a str>,
}

impl<'a> View<'a> {
    /// With the assets that the caller may see.
    fn new(state: &'a State, caller: Caller, category: &'a Category) -> Self {
        let users = state.registered_users.all();
        let users = users.filter(|user| user.is_in_all(&[category.id]));
        let assets = state.visible_assets(caller);
        let assets = assets.filter(|asset| asset.requires(category.id));
        Self {
            id: category.id,
            name: &category.name,
            description: category.description.as_deref(),
            registered_users: users.map(|user| user.id()).collect(),
            assets: assets.map(|asset| asset.uuid()).collect(),
        }
    }

    fn is_empty(&self) -> bool {
        self.registered_users.is_empty() && self.assets.is_empty()
    }
}

fn list(state: &mut State, call: &Call<'_>) -> Outcome {
    let view = |category| View::new(state, call.caller, category);
    let views: Vec<View<'_>> = state.categories.all().map(view).collect();
    Ok(Answer::ok(&views))
}

fn get(state: &mut State, call: &Call<'_>) -> Outcome {
    show(state, call, call.id(0)?)
}

fn add(state: &mut State, call: &Call<'_>) -> Outcome {
    let mut fields = call.fields()?;
    let name = fields.text("name", 1..=255);
    let description = fields.nullable_text("description", 0..=1023);
    fields.finish()?;
    let id = state.categories.add(name, description).id;
    let category = find(state, id)?;
    let view = View::new(state, call.caller, category);
    Ok(Answer::json(StatusCode::CREATED, &view))
}

/// A field that is null or left out stays as it is.
fn edit(state: &mut State, call: &Call<'_>) -> Outcome {
    let id = find(state, call.id(0)?)?.id;
    let mut fields = call.fields()?;
    let name = fields.nullable_text("name", 1..=255);
    let description = fields.nullable_text("description", 0..=1023);
    fields.finish()?;
    if let Some(category) = state.categories.find_mut(id) {
        category.name = name.unwrap_or_else(|| category.name.clone());
        category.description = description.or_else(|| category.description.take());
    }
    show(state, call, id)
}

/// The service documents no 400 here, so a category in use is one that may not be deleted.
fn delete(state: &mut State, call: &Call<'_>) -> Outcome {
    let id = call.id(0)?;
    if !View::new(state, call.caller, find(state, id)?).is_empty() {
        return Err(answer::detail(
            StatusCode::FORBIDDEN,
            "Remove the registered users and assets from the category first.",
        ));
    }
    state.categories.remove(id);
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

fn add_user(state: &mut State, call: &Call<'_>) -> Outcome {
    let id = find(state, call.id(0)?)?.id;
    let user = state.registered_users.find_mut(call.id(1)?);
    user.ok_or_else(answer::not_found)?.join(id);
    show(state, call, id)
}

fn remove_user(state: &mut State, call: &Call<'_>) -> Outcome {
    let id = find(state, call.id(0)?)?.id;
    let user = state.registered_users.find_mut(call.id(1)?);
    user.ok_or_else(answer::not_found)?.leave(id);
    show(state, call, id)
}

fn add_asset(state: &mut State, call: &Call<'_>) -> Outcome {
    let id = find(state, call.id(0)?)?.id;
    let asset = state.assets.find_mut(call.segment(1));
    asset.ok_or_else(answer::not_found)?.require(id);
    show(state, call, id)
}

fn remove_asset(state: &mut State, call: &Call<'_>) -> Outcome {
    let id = find(state, call.id(0)?)?.id;
    let asset = state.assets.find_mut(call.segment(1));
    asset.ok_or_else(answer::not_found)?.waive(id);
    show(state, call, id)
}

fn show(state: &State, call: &Call<'_>, id: i64) -> Outcome {
    let category = find(state, id)?;
    Ok(Answer::ok(&View::new(state, call.caller, category)))
}

fn find(state: &State, id: i64) -> Result<&Category, Answer> {
    state.categories.find(id).ok_or_else(answer::not_found)
}
