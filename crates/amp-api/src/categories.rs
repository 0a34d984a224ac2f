//! Categories: what an owner of an asset must be in.

use serde::{Deserialize, Serialize};

use crate::answer::json_answer;
use crate::check::check_texts;
use crate::wire::null_is_default;
use crate::{Call, InvalidRequest, operations};

/// A category, with the users in it and the assets that require it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Category {
    /// The id.
    pub id: i64,
    /// The name.
    pub name: String,
    /// What it is for.
    #[serde(default)]
    pub description: Option<String>,
    /// The users in it, by id.
    #[serde(default, deserialize_with = "null_is_default")]
    pub registered_users: Vec<i64>,
    /// The assets that require it, by the service's own id.
    #[serde(default, deserialize_with = "null_is_default")]
    pub assets: Vec<String>,
}

impl Category {
    /// Asks for all categories.
    ///
    /// # Errors
    ///
    /// None with this operation; the type is that of all constructors.
    pub fn list() -> Result<Call<Vec<Self>>, InvalidRequest> {
        Call::to(&operations::LIST_CATEGORIES, &[])
    }

    /// Asks for one category.
    ///
    /// # Errors
    ///
    /// None with this operation; the type is that of all constructors.
    pub fn get(category_id: i64) -> Result<Call<Self>, InvalidRequest> {
        Call::to(&operations::GET_CATEGORY, &[&category_id.to_string()])
    }

    /// Deletes a category; the service wants it empty first.
    ///
    /// # Errors
    ///
    /// None with this operation; the type is that of all constructors.
    pub fn delete(category_id: i64) -> Result<Call<()>, InvalidRequest> {
        Call::to(&operations::DELETE_CATEGORY, &[&category_id.to_string()])
    }

    /// Puts a user in it. Twice is once.
    ///
    /// # Errors
    ///
    /// None with this operation; the type is that of all constructors.
    pub fn add_user(
        category_id: i64,
        registered_user_id: i64,
    ) -> Result<Call<Self>, InvalidRequest> {
        let (category, user) = (category_id.to_string(), registered_user_id.to_string());
        Call::to(&operations::CATEGORY_ADD_USER, &[&category, &user])
    }

    /// Takes a user out of it. Twice is once.
    ///
    /// # Errors
    ///
    /// None with this operation; the type is that of all constructors.
    pub fn remove_user(
        category_id: i64,
        registered_user_id: i64,
    ) -> Result<Call<Self>, InvalidRequest> {
        let (category, user) = (category_id.to_string(), registered_user_id.to_string());
        Call::to(&operations::CATEGORY_REMOVE_USER, &[&category, &user])
    }

    /// Makes it a requirement of an asset. Twice is once.
    ///
    /// # Errors
    ///
    /// When the asset's id is empty.
    pub fn add_asset(category_id: i64, asset_uuid: &str) -> Result<Call<Self>, InvalidRequest> {
        let category = category_id.to_string();
        Call::to(&operations::CATEGORY_ADD_ASSET, &[&category, asset_uuid])
    }

    /// Makes it no requirement of an asset any more. Twice is once.
    ///
    /// # Errors
    ///
    /// When the asset's id is empty.
    pub fn remove_asset(category_id: i64, asset_uuid: &str) -> Result<Call<Self>, InvalidRequest> {
        let category = category_id.to_string();
        Call::to(&operations::CATEGORY_REMOVE_ASSET, &[&category, asset_uuid])
    }
}

/// A category that shall be made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddCategory {
    /// The name: 1 to 255 characters.
    pub name: String,
    /// What it is for: at most 1023 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

impl AddCategory {
    /// Asks the service to make it. The request is sent again only when it was certainly not
    /// processed.
    ///
    /// # Errors
    ///
    /// When the name is empty.
    pub fn call(&self) -> Result<Call<Category>, InvalidRequest> {
        check_texts(&[("name", &self.name)])?;
        Call::with(&operations::ADD_CATEGORY, &[], self)
    }
}

/// What of a category shall change; `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EditCategory {
    /// The name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

impl EditCategory {
    /// Asks the service to change this category.
    ///
    /// # Errors
    ///
    /// When a name is given that is empty.
    pub fn call(&self, category_id: i64) -> Result<Call<Category>, InvalidRequest> {
        if let Some(name) = &self.name {
            check_texts(&[("name", name)])?;
        }
        let category = category_id.to_string();
        Call::with(&operations::EDIT_CATEGORY, &[&category], self)
    }
}

json_answer! {
    Category: "a category";
    Vec<Category>: "a list of categories";
}
