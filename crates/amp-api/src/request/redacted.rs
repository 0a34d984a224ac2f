//! A body as it may be shown: with whatever is secret in it hidden.

use serde_json::Value;

/// What stands where a secret would be.
pub(super) const HIDDEN: &str = "[hidden]";

/// The body as JSON. In one of an operation with secrets, every text is hidden but those that name
/// somebody; in any other, what is secret wherever it stands.
pub(super) fn redacted(bytes: &[u8], is_secret: bool) -> Value {
    let read = serde_json::from_slice(bytes);
    if is_secret {
        let mut body = read.unwrap_or_else(|_| HIDDEN.into());
        hide(&mut body);
        return body;
    }
    let mut body = read.unwrap_or_else(|_| String::from_utf8_lossy(bytes).into_owned().into());
    hide_secrets(&mut body);
    body
}

fn hide(value: &mut Value) {
    match value {
        Value::Object(fields) => fields
            .iter_mut()
            .filter(|(name, _)| *name != "username" && *name != "email")
            .for_each(|(_, value)| hide(value)),
        Value::Array(values) => values.iter_mut().for_each(hide),
        Value::Null | Value::Bool(_) => {}
        Value::String(_) | Value::Number(_) => *value = HIDDEN.into(),
    }
}

fn hide_secrets(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields
                .iter_mut()
                .for_each(|(name, value)| match names_a_secret(name) {
                    true => hide(value),
                    false => hide_secrets(value),
                })
        }
        Value::Array(values) => values.iter_mut().for_each(hide_secrets),
        _ => {}
    }
}

/// Passwords and tokens; and blinding factors, as in `amountblinder` and `assetblinds`: whoever has
/// one sees what the chain hides.
fn names_a_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name == "token" || name.contains("password") || name.contains("blind")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    // A-74
    #[test]
    fn a_secret_body_shows_its_shape_and_whose_it_is_and_nothing_else() {
        let body = br#"{"username":"me","password":"hunter2","pin":[42,"hunter2"]}"#;
        let expected = json!({"username": "me", "password": HIDDEN, "pin": [HIDDEN, HIDDEN]});
        assert_eq!(redacted(body, true), expected);
        assert_eq!(redacted(b"hunter2", true), HIDDEN);
    }

    // A-74
    #[test]
    fn passwords_tokens_and_blinding_factors_are_hidden_wherever_they_are() {
        let body = br#"{"txid":"ab","change":[{"amountblinder":"hunter2","vout":1}],
            "issuances":[{"assetblinds":"hunter2","tokenblinds":["hunter2"],"token_id":"cd"}],
            "user":{"Password":"hunter2","new_password":42,"token":"hunter2"}}"#;
        let expected = json!({
            "txid": "ab",
            "change": [{"amountblinder": HIDDEN, "vout": 1}],
            "issuances": [{"assetblinds": HIDDEN, "tokenblinds": [HIDDEN], "token_id": "cd"}],
            "user": {"Password": HIDDEN, "new_password": HIDDEN, "token": HIDDEN},
        });
        assert_eq!(redacted(body, false), expected);
        assert_eq!(redacted(b"plain", false), "plain");
    }
}
