//! Registered users.

use amp_api::{AddRegisteredUser, EditRegisteredUser, RegisteredUser, RegisteredUserSummary};

use crate::client::ApiClient;
use crate::error::Error;

impl ApiClient {
    /// All registered users.
    ///
    /// # Errors
    ///
    /// Why there is no answer.
    pub async fn get_registered_users(&self) -> Result<Vec<RegisteredUser>, Error> {
        self.send(&RegisteredUser::list()?).await
    }

    /// One registered user.
    ///
    /// # Errors
    ///
    /// Why there is no answer.
    pub async fn get_registered_user(&self, user_id: i64) -> Result<RegisteredUser, Error> {
        self.send(&RegisteredUser::get(user_id)?).await
    }

    /// Makes a registered user. The request is sent again only when the service certainly did not act
    /// on it.
    ///
    /// # Errors
    ///
    /// Why there is no answer; an empty name is refused before anything is sent.
    pub async fn add_registered_user(
        &self,
        user: &AddRegisteredUser,
    ) -> Result<RegisteredUser, Error> {
        self.send(&user.call()?).await
    }

    /// Renames a registered user.
    ///
    /// # Errors
    ///
    /// Why there is no answer; an empty name is refused before anything is sent.
    pub async fn edit_registered_user(
        &self,
        user_id: i64,
        edit: &EditRegisteredUser,
    ) -> Result<RegisteredUser, Error> {
        self.send(&edit.call(user_id)?).await
    }

    /// Deletes a registered user; the service wants it out of all categories first.
    ///
    /// # Errors
    ///
    /// Why there is no answer.
    pub async fn delete_registered_user(&self, user_id: i64) -> Result<(), Error> {
        self.send(&RegisteredUser::delete(user_id)?).await
    }

    /// What a user holds and was given, asset by asset. Whether the service has this operation, and
    /// answers like this, is hardly proven.
    ///
    /// # Errors
    ///
    /// Why there is no answer.
    pub async fn get_registered_user_summary(
        &self,
        user_id: i64,
    ) -> Result<Vec<RegisteredUserSummary>, Error> {
        self.send(&RegisteredUserSummary::get(user_id)?).await
    }

    /// All GAIDs of a user.
    ///
    /// # Errors
    ///
    /// Why there is no answer.
    pub async fn get_registered_user_gaids(&self, user_id: i64) -> Result<Vec<String>, Error> {
        self.send(&RegisteredUser::gaids(user_id)?).await
    }

    /// Gives a user one more GAID; the first one becomes the default.
    ///
    /// # Errors
    ///
    /// Why there is no answer; an empty GAID is refused before anything is sent.
    pub async fn add_gaid_to_registered_user(&self, user_id: i64, gaid: &str) -> Result<(), Error> {
        self.send(&RegisteredUser::add_gaid(user_id, gaid)?).await
    }

    /// Makes one of a user's GAIDs the default.
    ///
    /// # Errors
    ///
    /// Why there is no answer; an empty GAID is refused before anything is sent.
    pub async fn set_default_gaid_for_registered_user(
        &self,
        user_id: i64,
        gaid: &str,
    ) -> Result<(), Error> {
        self.send(&RegisteredUser::set_default_gaid(user_id, gaid)?)
            .await
    }

    /// Puts a user in several categories. Version 0.1.7 of the service removed this; take
    /// [`add_registered_user_to_category`](Self::add_registered_user_to_category).
    ///
    /// # Errors
    ///
    /// Why there is no answer.
    pub async fn add_categories_to_registered_user(
        &self,
        user_id: i64,
        categories: &[i64],
    ) -> Result<(), Error> {
        self.send(&RegisteredUser::add_categories(user_id, categories)?)
            .await
    }

    /// Takes a user out of several categories. Version 0.1.7 of the service removed this; take
    /// [`remove_registered_user_from_category`](Self::remove_registered_user_from_category).
    ///
    /// # Errors
    ///
    /// Why there is no answer.
    pub async fn remove_categories_from_registered_user(
        &self,
        user_id: i64,
        categories: &[i64],
    ) -> Result<(), Error> {
        self.send(&RegisteredUser::remove_categories(user_id, categories)?)
            .await
    }
}
