//! Making a registered user, and renaming it.

use serde::{Deserialize, Serialize};

use super::RegisteredUser;
use crate::check::check_texts;
use crate::{Call, InvalidRequest, operations};

/// A registered user that shall be made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddRegisteredUser {
    /// The name: 1 to 255 characters.
    pub name: String,
    /// Its first GAID; one belongs to a single user.
    #[serde(rename = "GAID", default, skip_serializing_if = "Option::is_none")]
    pub gaid: Option<String>,
    /// Whether it is a company, which cannot be changed later; the service's default is no.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_company: Option<bool>,
}

impl AddRegisteredUser {
    /// Asks the service to make it. The request is sent again only when it was certainly not
    /// processed.
    ///
    /// # Errors
    ///
    /// When the name is empty, or a GAID is given that is.
    pub fn call(&self) -> Result<Call<RegisteredUser>, InvalidRequest> {
        check_texts(&[("name", &self.name)])?;
        if let Some(gaid) = &self.gaid {
            check_texts(&[("GAID", gaid)])?;
        }
        Call::with(&operations::ADD_REGISTERED_USER, &[], self)
    }
}

/// What of a registered user shall change; `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EditRegisteredUser {
    /// The name: 1 to 255 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl EditRegisteredUser {
    /// Asks the service to change this user.
    ///
    /// # Errors
    ///
    /// When a name is given that is empty.
    pub fn call(&self, user_id: i64) -> Result<Call<RegisteredUser>, InvalidRequest> {
        if let Some(name) = &self.name {
            check_texts(&[("name", name)])?;
        }
        let user = user_id.to_string();
        Call::with(&operations::EDIT_REGISTERED_USER, &[&user], self)
    }
}
