//! What the service says about itself.

use serde_json::json;

use super::Call;
use crate::answer::{Answer, Outcome};
use crate::state::State;

pub(super) fn info(_: &mut State, _: &Call<'_>) -> Outcome {
    Ok(Answer::ok(&json!({ "version": "0.1.13", "notes": null })))
}

pub(super) fn changelog(_: &mut State, _: &Call<'_>) -> Outcome {
    Ok(Answer::ok(&json!({
        "0.1.4": "Assets can be locked and unlocked.",
        "0.1.5": "Tokens can be refreshed and passwords changed.",
        "0.1.8": "Assets name their reissuance token.",
        "0.1.13": "The version that this sandbox follows.",
    })))
}
