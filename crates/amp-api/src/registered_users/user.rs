//! One registered user, and the operations on it.

use serde::{Deserialize, Serialize};

use crate::answer::json_answer;
use crate::check::check_texts;
use crate::wire::null_is_default;
use crate::{Call, InvalidRequest, Operation, operations};

/// A person or company that assets may be sent to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RegisteredUser {
    /// The id.
    pub id: i64,
    /// The name.
    pub name: String,
    /// The default one of its GAIDs.
    #[serde(flatten, with = "crate::wire::gaid")]
    pub gaid: Option<String>,
    /// Whether it is a company.
    #[serde(default, deserialize_with = "null_is_default")]
    pub is_company: bool,
    /// The categories that it is in, by id.
    #[serde(default, deserialize_with = "null_is_default")]
    pub categories: Vec<i64>,
    /// Who made it, by id.
    #[serde(default)]
    pub creator: Option<i64>,
}

impl RegisteredUser {
    /// Asks for all registered users.
    ///
    /// # Errors
    ///
    /// None with this operation; the type is that of all constructors.
    pub fn list() -> Result<Call<Vec<Self>>, InvalidRequest> {
        Call::to(&operations::LIST_REGISTERED_USERS, &[])
    }

    /// Asks for one registered user.
    ///
    /// # Errors
    ///
    /// None with this operation; the type is that of all constructors.
    pub fn get(user_id: i64) -> Result<Call<Self>, InvalidRequest> {
        Call::to(&operations::GET_REGISTERED_USER, &[&user_id.to_string()])
    }

    /// Deletes a registered user; the service wants it out of all categories first. Its GAIDs may
    /// not be given to another one.
    ///
    /// # Errors
    ///
    /// None with this operation; the type is that of all constructors.
    pub fn delete(user_id: i64) -> Result<Call<()>, InvalidRequest> {
        Call::to(&operations::DELETE_REGISTERED_USER, &[&user_id.to_string()])
    }

    /// Asks for all GAIDs of a user.
    ///
    /// # Errors
    ///
    /// None with this operation; the type is that of all constructors.
    pub fn gaids(user_id: i64) -> Result<Call<Vec<String>>, InvalidRequest> {
        let operation = &operations::LIST_REGISTERED_USER_GAIDS;
        Call::to(operation, &[&user_id.to_string()])
    }

    /// Gives a user one more GAID; the first one becomes the default. Twice is once.
    ///
    /// # Errors
    ///
    /// When the GAID is empty.
    pub fn add_gaid(user_id: i64, gaid: &str) -> Result<Call<()>, InvalidRequest> {
        with_gaid(&operations::ADD_REGISTERED_USER_GAID, user_id, gaid)
    }

    /// Makes one of a user's GAIDs the default. Twice is once.
    ///
    /// # Errors
    ///
    /// When the GAID is empty.
    pub fn set_default_gaid(user_id: i64, gaid: &str) -> Result<Call<()>, InvalidRequest> {
        let operation = &operations::SET_DEFAULT_REGISTERED_USER_GAID;
        with_gaid(operation, user_id, gaid)
    }

    /// Puts a user in several categories. Twice is once.
    ///
    /// Version 0.1.7 of the service removed this operation, and its description is hardly proven:
    /// take [`Category::add_user`](crate::Category::add_user).
    ///
    /// # Errors
    ///
    /// None with this operation; the type is that of all constructors.
    pub fn add_categories(user_id: i64, categories: &[i64]) -> Result<Call<()>, InvalidRequest> {
        let operation = &operations::ADD_REGISTERED_USER_CATEGORIES;
        with_categories(operation, user_id, categories)
    }

    /// Takes a user out of several categories. Twice is once.
    ///
    /// Version 0.1.7 of the service removed this operation, and its description is hardly proven:
    /// take [`Category::remove_user`](crate::Category::remove_user).
    ///
    /// # Errors
    ///
    /// None with this operation; the type is that of all constructors.
    pub fn remove_categories(user_id: i64, categories: &[i64]) -> Result<Call<()>, InvalidRequest> {
        let operation = &operations::DELETE_REGISTERED_USER_CATEGORIES;
        with_categories(operation, user_id, categories)
    }
}

/// The body is the text itself, not an object.
fn with_gaid(operation: &Operation, user_id: i64, gaid: &str) -> Result<Call<()>, InvalidRequest> {
    check_texts(&[("GAID", gaid)])?;
    Call::with(operation, &[&user_id.to_string()], gaid)
}

fn with_categories(
    operation: &Operation,
    user_id: i64,
    categories: &[i64],
) -> Result<Call<()>, InvalidRequest> {
    #[derive(Serialize)]
    struct Body<'a> {
        categories: &'a [i64],
    }

    Call::with(operation, &[&user_id.to_string()], &Body { categories })
}

json_answer! {
    RegisteredUser: "a registered user";
    Vec<RegisteredUser>: "a list of registered users";
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::{Answer, BaseUrl};

    // W-A27, W-A39: what the mocks of the seed answered, what the service does, and old names.
    #[test]
    fn a_user_is_read_with_either_key_of_its_gaid_nulls_and_old_names() {
        let bodies = [
            r#"{"id":7,"name":"Jane","GAID":"GA1","is_company":false,"categories":[],"creator":1}"#,
            r#"{"id":7,"name":"Jane","gaid":"GA1","is_company":null,"categories":null}"#,
            r#"{"id":7,"name":"Jane","GAID":"GA1","gaid":"GA1","investor":{"x":1},"creator":null}"#,
        ];
        for body in bodies {
            let user = RegisteredUser::read(&Bytes::from_static(body.as_bytes())).unwrap();
            assert_eq!(user.gaid.as_deref(), Some("GA1"), "{body}");
            assert!(!user.is_company && user.categories.is_empty(), "{body}");
        }
        let nobody = Bytes::from_static(br#"{"id":null,"name":"Jane"}"#);
        assert!(RegisteredUser::read(&nobody).is_err());
    }

    // A-72
    #[test]
    fn a_gaid_is_sent_as_a_bare_text_and_never_empty() {
        let call = RegisteredUser::add_gaid(7, "GA\"1").unwrap();
        let base = BaseUrl::parse("https://amp.example").unwrap();
        let sent = call.request().to_http(&base).unwrap();
        assert_eq!(sent.body().as_ref(), br#""GA\"1""#);
        for make in [RegisteredUser::add_gaid, RegisteredUser::set_default_gaid] {
            let error = make(7, " ").unwrap_err();
            let rule = "must not be empty";
            let field = "GAID";
            assert_eq!(error, InvalidRequest::Field { field, rule });
        }
    }
}
