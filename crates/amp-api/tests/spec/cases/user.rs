//! The account itself.

use amp_api::{ChangedPassword, IssuedToken, ObtainToken, operations};
use serde_json::json;

use crate::case::Case;

pub(super) fn cases() -> Vec<Case> {
    let token = |issued: IssuedToken| json!({ "token": issued.token.expose_secret() });
    let renewed = token;
    let login = |username: &str, password: &str| {
        let (username, password) = (username.into(), password.into());
        ObtainToken { username, password }.call()
    };
    vec![
        Case::shown(&operations::OBTAIN_TOKEN, login("issuer", "p4ss"), token)
            .refuses(login("", "p4ss"))
            .refuses(login("issuer", "")),
        Case::shown(&operations::REFRESH_TOKEN, IssuedToken::refresh(), renewed),
        Case::shown(
            &operations::CHANGE_PASSWORD,
            ChangedPassword::of_caller(&"n3w".into()),
            changed,
        )
        .forgets("password")
        .refuses(ChangedPassword::of_caller(&"".into())),
    ]
}

/// What is read of a changed password.
pub(super) fn changed(changed: ChangedPassword) -> serde_json::Value {
    json!({ "username": changed.username, "token": changed.token.expose_secret() })
}
