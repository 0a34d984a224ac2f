//! Managers: accounts of others that may handle some assets of the issuer.

use bytes::Bytes;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::answer::{json_answer, read_json};
use crate::wire::null_is_default;
use crate::{Answer, Call, InvalidRequest, Operation, Unreadable, operations};

/// A manager account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Manager {
    /// The id.
    pub id: i64,
    /// The name it logs in with.
    pub username: String,
    /// Whether it is locked, as every new one is.
    #[serde(default, deserialize_with = "null_is_default")]
    pub is_locked: bool,
    /// The assets that it may handle, by the service's own id.
    #[serde(default, deserialize_with = "null_is_default")]
    pub assets: Vec<String>,
}

impl Manager {
    /// Asks for all managers.
    ///
    /// # Errors
    ///
    /// None with this operation; the type is that of all constructors.
    pub fn list() -> Result<Call<Vec<Self>>, InvalidRequest> {
        Call::to(&operations::LIST_MANAGERS, &[])
    }

    /// Asks for one manager.
    ///
    /// # Errors
    ///
    /// None with this operation; the type is that of all constructors.
    pub fn get(manager_id: i64) -> Result<Call<Self>, InvalidRequest> {
        Call::to(&operations::GET_MANAGER, &[&manager_id.to_string()])
    }

    /// Asks for the manager that the token belongs to; an issuer may be refused.
    ///
    /// # Errors
    ///
    /// None with this operation; the type is that of all constructors.
    pub fn current() -> Result<Call<Self>, InvalidRequest> {
        Call::to(&operations::GET_CURRENT_MANAGER, &[])
    }

    /// Locks a manager. Locking twice is locking once.
    ///
    /// # Errors
    ///
    /// None with this operation; the type is that of all constructors.
    pub fn lock(manager_id: i64) -> Result<Call<Option<Self>>, InvalidRequest> {
        Call::to(&operations::LOCK_MANAGER, &[&manager_id.to_string()])
    }

    /// Unlocks a manager. Unlocking twice is unlocking once.
    ///
    /// # Errors
    ///
    /// None with this operation; the type is that of all constructors.
    pub fn unlock(manager_id: i64) -> Result<Call<Option<Self>>, InvalidRequest> {
        Call::to(&operations::UNLOCK_MANAGER, &[&manager_id.to_string()])
    }

    /// Lets a manager handle an asset. Twice is once.
    ///
    /// # Errors
    ///
    /// When the asset's id is empty.
    pub fn add_asset(
        manager_id: i64,
        asset_uuid: &str,
    ) -> Result<Call<Option<Self>>, InvalidRequest> {
        with_asset(&operations::MANAGER_ADD_ASSET, manager_id, asset_uuid)
    }

    /// Takes an asset away from a manager, by PUT. Twice is once.
    ///
    /// The description of this operation is hardly proven: which of the two methods the service
    /// takes was never seen.
    ///
    /// # Errors
    ///
    /// When the asset's id is empty.
    pub fn remove_asset(
        manager_id: i64,
        asset_uuid: &str,
    ) -> Result<Call<Option<Self>>, InvalidRequest> {
        with_asset(&operations::MANAGER_REMOVE_ASSET, manager_id, asset_uuid)
    }

    /// The same by POST, as amp-rs sends it. Twice is once.
    ///
    /// The description of this operation is hardly proven.
    ///
    /// # Errors
    ///
    /// When the asset's id is empty.
    pub fn remove_asset_by_post(
        manager_id: i64,
        asset_uuid: &str,
    ) -> Result<Call<()>, InvalidRequest> {
        let operation = &operations::MANAGER_REMOVE_ASSET_POST;
        with_asset(operation, manager_id, asset_uuid)
    }
}

fn with_asset<T: Answer>(
    operation: &Operation,
    manager_id: i64,
    asset_uuid: &str,
) -> Result<Call<T>, InvalidRequest> {
    Call::to(operation, &[&manager_id.to_string(), asset_uuid])
}

/// A manager account that shall be made. It is locked at first, and can then log in by itself.
#[derive(Clone, Debug, Default)]
pub struct CreateManager {
    /// The name to log in with.
    pub username: String,
    /// The password to log in with.
    pub password: SecretString,
}

impl CreateManager {
    /// Asks the service to make it. The request is sent again only when it was certainly not
    /// processed.
    ///
    /// # Errors
    ///
    /// When the name or the password is empty.
    pub fn call(&self) -> Result<Call<Manager>, InvalidRequest> {
        Call::with_account(&operations::CREATE_MANAGER, &self.username, &self.password)
    }
}

json_answer! {
    Manager: "a manager";
    Vec<Manager>: "a list of managers";
}

/// What a change made of a manager, where the answer tells: the service sends it, and what stands
/// in for the service may send nothing. Anything else does not undo the change either (A-69).
impl Answer for Option<Manager> {
    const EXPECTED: &'static str = "a manager, or nothing";

    fn read(body: &Bytes) -> Result<Self, Unreadable> {
        Ok(read_json(body).ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // A-69
    #[test]
    fn a_change_of_a_manager_is_done_whatever_its_answer_tells() {
        let read = |body: &'static str| Option::read(&Bytes::from_static(body.as_bytes())).unwrap();
        let manager: Option<Manager> = read(r#"{"id":7,"username":"m","is_locked":true}"#);
        assert!(manager.is_some_and(|manager| manager.is_locked && manager.assets.is_empty()));
        for body in ["", "null", "{}", "[]", "<p>"] {
            let manager: Option<Manager> = read(body);
            assert_eq!(manager, None, "{body}");
        }
    }

    // W-A05, W-C18
    #[test]
    fn the_password_of_a_new_manager_is_in_the_body_alone() {
        let create = CreateManager {
            username: "manager".into(),
            password: "hunter2".into(),
        };
        let call = create.call().unwrap();
        assert!(call.request().is_secret());
        let shown = format!("{create:?} {call:?}");
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}
