//! GAIDs, the account ids of Green: who they belong to and what they hold.

use serde::{Deserialize, Serialize};

use crate::answer::json_answer;
use crate::wire::null_is_default;
use crate::{Call, InvalidRequest, RegisteredUser, operations};

/// Whether the service knows a GAID.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GaidValidation {
    /// Whether it does.
    pub is_valid: bool,
    /// Why not.
    #[serde(default)]
    pub error: Option<String>,
}

impl GaidValidation {
    /// Asks whether the service knows a GAID.
    ///
    /// # Errors
    ///
    /// When the GAID is empty.
    pub fn get(gaid: &str) -> Result<Call<Self>, InvalidRequest> {
        Call::to(&operations::VALIDATE_GAID, &[gaid])
    }
}

/// Where a GAID receives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GaidAddress {
    /// A confidential Liquid address; empty where there is an error.
    #[serde(default, deserialize_with = "null_is_default")]
    pub address: String,
    /// Why there is none.
    #[serde(default)]
    pub error: Option<String>,
}

impl GaidAddress {
    /// Asks for an address of a GAID. Each call may answer another one, so none should be kept.
    ///
    /// # Errors
    ///
    /// When the GAID is empty.
    pub fn get(gaid: &str) -> Result<Call<Self>, InvalidRequest> {
        Call::to(&operations::GET_GAID_ADDRESS, &[gaid])
    }
}

/// How much of one asset a GAID holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GaidBalanceEntry {
    /// The service's own id of the asset.
    pub asset_uuid: String,
    /// The id on the chain: 64 hex characters.
    #[serde(default, deserialize_with = "null_is_default")]
    pub asset_id: String,
    /// The amount, in units of the smallest size.
    pub balance: i64,
}

impl GaidBalanceEntry {
    /// Asks for all balances of a GAID, those of zero included.
    ///
    /// # Errors
    ///
    /// When the GAID is empty.
    pub fn list(gaid: &str) -> Result<Call<Vec<Self>>, InvalidRequest> {
        Call::to(&operations::GET_GAID_BALANCE, &[gaid])
    }

    /// Asks for the balance of one asset.
    ///
    /// # Errors
    ///
    /// When the GAID or the asset's id is empty.
    pub fn get(gaid: &str, asset_uuid: &str) -> Result<Call<Self>, InvalidRequest> {
        Call::to(&operations::GET_GAID_ASSET_BALANCE, &[gaid, asset_uuid])
    }
}

impl RegisteredUser {
    /// Asks for the user that a GAID belongs to.
    ///
    /// # Errors
    ///
    /// When the GAID is empty.
    pub fn of_gaid(gaid: &str) -> Result<Call<Self>, InvalidRequest> {
        Call::to(&operations::GET_GAID_REGISTERED_USER, &[gaid])
    }
}

json_answer! {
    GaidValidation: "whether a GAID is known";
    GaidAddress: "an address";
    GaidBalanceEntry: "a balance";
    Vec<GaidBalanceEntry>: "a list of balances";
}
