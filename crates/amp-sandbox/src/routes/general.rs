//! What the service says about itself.

use serde_json::json;

use super::{Call, GET, Open, Optional, Route, route};
use crate::answer::{Answer, Outcome};
use crate::state::State;

pub(super) const ROUTES: &[Route] = &[
    route(GET, "/info", Open, info),
    route(GET, "/changelog", Optional, changelog),
];

fn info(_: &mut State, _: &Call<'_>) -> Outcome {
    Ok(Answer::ok(&json!({ "version": "0.1.13", "notes": null })))
}

fn changelog(_: &mut State, _: &Call<'_>) -> Outcome {
    Ok(Answer::ok(&json!({
        "0.1.4": "Assets can be locked and unlocked.",
        "0.1.5": "Tokens can be refreshed and passwords changed.",
        "0.1.8": "Assets name their reissuance token.",
        "0.1.13": "The version that this sandbox follows.",
    })))
}
