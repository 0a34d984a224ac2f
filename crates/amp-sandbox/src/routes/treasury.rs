//! The addresses of the treasury.

use http::StatusCode;
use serde_json::{Value, json};

use super::{Call, DELETE, GET, POST, Route, Token, assets, route};
use crate::answer::{self, Answer, Outcome};
use crate::state::State;

pub(super) const ROUTES: &[Route] = &[
    route(GET, "/assets/{}/treasury-addresses", Token, list),
    route(POST, "/assets/{}/treasury-addresses/add", Token, add),
    route(
        DELETE,
        "/assets/{}/treasury-addresses/delete",
        Token,
        delete,
    ),
];

/// Longer than any address of Liquid.
const LONGEST: usize = 255;

fn list(state: &mut State, call: &Call<'_>) -> Outcome {
    Ok(Answer::ok(&assets::find(state, call)?.treasury_addresses))
}

/// All of the addresses or none.
fn add(state: &mut State, call: &Call<'_>) -> Outcome {
    let asset = assets::find_mut(state, call)?;
    let added = addresses(call)?;
    let mut known = asset.treasury_addresses.clone();
    for address in added {
        if known.contains(&address) {
            return Err(answer::non_field_error(
                "The address has already been added.",
            ));
        }
        known.push(address);
    }
    asset.treasury_addresses = known;
    Ok(Answer::ok(&json!({})))
}

/// Those that are not there are gone already.
fn delete(state: &mut State, call: &Call<'_>) -> Outcome {
    let asset = assets::find_mut(state, call)?;
    let removed = addresses(call)?;
    asset
        .treasury_addresses
        .retain(|address| !removed.contains(address));
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

fn addresses(call: &Call<'_>) -> Result<Vec<String>, Answer> {
    call.list()?.into_iter().map(address).collect()
}

/// The characters of every form of address; the form itself and the network are not looked at.
fn address(value: Value) -> Result<String, Answer> {
    let is_address = |text: &String| {
        (1..=LONGEST).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    let text = match value {
        Value::String(text) => Some(text).filter(is_address),
        _ => None,
    };
    text.ok_or_else(|| answer::non_field_error("Invalid value."))
}
