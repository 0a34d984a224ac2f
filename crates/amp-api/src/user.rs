//! The account itself: its token and its password.

use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use token_core::AccessToken;

use crate::answer::json_answer;
use crate::check::check_texts;
use crate::{Call, InvalidRequest, operations};

/// A login: user name and password for a token.
///
/// A token manager logs in by itself; this is for whoever has none.
#[derive(Clone, Debug, Default)]
pub struct ObtainToken {
    /// The name of the account.
    pub username: String,
    /// Its password.
    pub password: SecretString,
}

impl ObtainToken {
    /// Asks for a token; none is sent. Asking twice does no harm.
    ///
    /// # Errors
    ///
    /// When the name or the password is empty.
    pub fn call(&self) -> Result<Call<IssuedToken>, InvalidRequest> {
        Call::with_account(&operations::OBTAIN_TOKEN, &self.username, &self.password)
    }
}

/// A token as the service hands it out. It does not say for how long: 24 h by convention.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct IssuedToken {
    /// The token.
    pub token: AccessToken,
}

impl IssuedToken {
    /// Renews the token that the request carries; the answer may be the same text.
    ///
    /// # Errors
    ///
    /// None with this operation; the type is that of all constructors.
    pub fn refresh() -> Result<Call<Self>, InvalidRequest> {
        Call::to(&operations::REFRESH_TOKEN, &[])
    }
}

/// A password was changed. The answer repeats the password, which is not read.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct ChangedPassword {
    /// The name of the account.
    #[serde(default)]
    pub username: Option<String>,
    /// A new token of that account; the earlier ones count as dead.
    pub token: AccessToken,
}

impl ChangedPassword {
    /// Changes the password of the account that the token belongs to. It is never sent twice, but
    /// for one replay after a 401.
    ///
    /// # Errors
    ///
    /// When the password is empty.
    pub fn of_caller(password: &SecretString) -> Result<Call<Self>, InvalidRequest> {
        let (body, length) = new_password(password)?;
        Call::with_secret(&operations::CHANGE_PASSWORD, &[], &body, length)
    }

    /// Sets the password of a manager. The answered token is the manager's, not the caller's. It
    /// is never sent twice, but for one replay after a 401.
    ///
    /// # Errors
    ///
    /// When the password is empty.
    pub fn of_manager(
        manager_id: i64,
        password: &SecretString,
    ) -> Result<Call<Self>, InvalidRequest> {
        let (body, length) = new_password(password)?;
        let arguments = [manager_id.to_string()];
        let arguments = [arguments[0].as_str()];
        let operation = &operations::CHANGE_MANAGER_PASSWORD;
        Call::with_secret(operation, &arguments, &body, length)
    }
}

#[derive(Serialize)]
struct NewPassword<'a> {
    password: &'a str,
}

/// The body, and the length of its text.
fn new_password(password: &SecretString) -> Result<(NewPassword<'_>, usize), InvalidRequest> {
    let password = password.expose_secret();
    check_texts(&[("password", password)])?;
    Ok((NewPassword { password }, password.len()))
}

json_answer! {
    IssuedToken: "a token";
    ChangedPassword: "a new token";
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use token_core::Idempotency;

    use super::*;
    use crate::{Answer, BaseUrl};

    const ANSWER: &str = r#"{"username":"issuer","password":"hunter2","token":"t-hunter2"}"#;

    fn secrets() -> Vec<crate::Request> {
        let login = ObtainToken {
            username: "issuer".into(),
            password: "hunter2".into(),
        };
        let password = "hunter2".into();
        vec![
            login.call().unwrap().request().clone(),
            ChangedPassword::of_caller(&password)
                .unwrap()
                .request()
                .clone(),
            ChangedPassword::of_manager(7, &password)
                .unwrap()
                .request()
                .clone(),
        ]
    }

    // W-A05, W-A08, W-C18
    #[test]
    fn a_password_is_in_the_body_and_nowhere_else() {
        for request in secrets() {
            assert!(request.is_secret());
            let base = BaseUrl::parse("https://amp.example").unwrap();
            let sent = request.to_http(&base).unwrap();
            let body = String::from_utf8(sent.body().to_vec()).unwrap();
            assert!(body.contains(r#""password":"hunter2""#), "{body}");
            let shown = format!("{request:?} {}", request.label());
            assert!(!shown.contains("hunter2"), "{shown}");
            assert!(!sent.uri().to_string().contains("hunter2"));
        }
        let login = ObtainToken {
            username: "issuer".into(),
            password: "hunter2".into(),
        };
        assert!(!format!("{login:?}").contains("hunter2"), "{login:?}");
    }

    // W-A33, W-A09
    #[test]
    fn an_answer_with_secrets_shows_none_and_gives_up_the_token_alone() {
        let changed = ChangedPassword::read(&Bytes::from_static(ANSWER.as_bytes())).unwrap();
        assert_eq!(changed.token.expose_secret(), "t-hunter2");
        assert_eq!(changed.username.as_deref(), Some("issuer"));
        assert!(!format!("{changed:?}").contains("hunter2"), "{changed:?}");
        for body in [r#"{"username":"hunter2"}"#, r#"{"token":"hunter2 x"}"#] {
            let error = ChangedPassword::read(&Bytes::from_static(body.as_bytes())).unwrap_err();
            assert!(
                !format!("{error} {error:?}").contains("hunter2"),
                "{error:?}"
            );
        }
    }

    // W-A33: one that may have happened makes the next one fail.
    #[test]
    fn a_password_is_never_changed_twice() {
        for request in &secrets()[1..] {
            assert_eq!(request.idempotency(), Idempotency::Never);
        }
    }
}
