//! Categories.

use amp_api::{AddCategory, Category, EditCategory};

use crate::client::ApiClient;
use crate::error::Error;

impl ApiClient {
    /// All categories.
    ///
    /// # Errors
    ///
    /// Why there is no answer.
    pub async fn get_categories(&self) -> Result<Vec<Category>, Error> {
        self.send(&Category::list()?).await
    }

    /// One category.
    ///
    /// # Errors
    ///
    /// Why there is no answer.
    pub async fn get_category(&self, category_id: i64) -> Result<Category, Error> {
        self.send(&Category::get(category_id)?).await
    }

    /// Makes a category. The request is sent again only when the service certainly did not act on it.
    ///
    /// # Errors
    ///
    /// Why there is no answer; an empty name is refused before anything is sent.
    pub async fn add_category(&self, category: &AddCategory) -> Result<Category, Error> {
        self.send(&category.call()?).await
    }

    /// Changes the name or the description of a category.
    ///
    /// # Errors
    ///
    /// Why there is no answer; an empty name is refused before anything is sent.
    pub async fn edit_category(
        &self,
        category_id: i64,
        edit: &EditCategory,
    ) -> Result<Category, Error> {
        self.send(&edit.call(category_id)?).await
    }

    /// Deletes a category; the service wants it empty first.
    ///
    /// # Errors
    ///
    /// Why there is no answer.
    pub async fn delete_category(&self, category_id: i64) -> Result<(), Error> {
        self.send(&Category::delete(category_id)?).await
    }

    /// Puts a user in a category.
    ///
    /// # Errors
    ///
    /// Why there is no answer.
    pub async fn add_registered_user_to_category(
        &self,
        category_id: i64,
        user_id: i64,
    ) -> Result<Category, Error> {
        self.send(&Category::add_user(category_id, user_id)?).await
    }

    /// Takes a user out of a category.
    ///
    /// # Errors
    ///
    /// Why there is no answer.
    pub async fn remove_registered_user_from_category(
        &self,
        category_id: i64,
        user_id: i64,
    ) -> Result<Category, Error> {
        self.send(&Category::remove_user(category_id, user_id)?)
            .await
    }

    /// Makes a category a requirement of an asset.
    ///
    /// # Errors
    ///
    /// Why there is no answer; an empty id is refused before anything is sent.
    pub async fn add_asset_to_category(
        &self,
        category_id: i64,
        asset_uuid: &str,
    ) -> Result<Category, Error> {
        self.send(&Category::add_asset(category_id, asset_uuid)?)
            .await
    }

    /// Makes a category no requirement of an asset any more.
    ///
    /// # Errors
    ///
    /// Why there is no answer; an empty id is refused before anything is sent.
    pub async fn remove_asset_from_category(
        &self,
        category_id: i64,
        asset_uuid: &str,
    ) -> Result<Category, Error> {
        self.send(&Category::remove_asset(category_id, asset_uuid)?)
            .await
    }
}
