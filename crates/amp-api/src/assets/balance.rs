//! What the service knows of an asset's outputs, and what it lost track of.

use serde::{Deserialize, Serialize};

use crate::answer::json_answer;
use crate::wire::null_is_default;
use crate::{Call, InvalidRequest, Outpoint, Ownership, operations};

/// The confirmed balance of an asset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AssetBalance {
    /// How much each account holds.
    #[serde(default, deserialize_with = "null_is_default")]
    pub confirmed_balance: Vec<Ownership>,
    /// Outputs that the service lost track of. Nothing may be distributed, reissued or burnt
    /// before this is empty.
    pub lost_outputs: Vec<Outpoint>,
    /// Outputs of the reissuance token that the service lost track of.
    #[serde(default, deserialize_with = "null_is_default")]
    pub reissuance_lost_outputs: Vec<Outpoint>,
}

impl AssetBalance {
    /// Asks for the balance of an asset.
    ///
    /// # Errors
    ///
    /// When the id is empty.
    pub fn get(asset_uuid: &str) -> Result<Call<Self>, InvalidRequest> {
        Call::to(&operations::GET_ASSET_BALANCE, &[asset_uuid])
    }

    /// Whether no output is lost, so that the asset may be moved.
    pub fn is_complete(&self) -> bool {
        self.lost_outputs.is_empty() && self.reissuance_lost_outputs.is_empty()
    }
}

/// Outputs of an asset that the service lost track of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LostOutputs {
    /// Outputs of the asset.
    pub lost_outputs: Vec<Outpoint>,
    /// Outputs of its reissuance token.
    #[serde(default, deserialize_with = "null_is_default")]
    pub reissuance_lost_outputs: Vec<Outpoint>,
}

impl LostOutputs {
    /// Asks for the outputs of an asset that the service lost track of.
    ///
    /// # Errors
    ///
    /// When the id is empty.
    pub fn get(asset_uuid: &str) -> Result<Call<Self>, InvalidRequest> {
        Call::to(&operations::GET_ASSET_LOST_OUTPUTS, &[asset_uuid])
    }
}

json_answer! {
    AssetBalance: "the balance of an asset";
    LostOutputs: "lists of lost outputs";
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::Answer;

    // W-A27: upstream expected a list, and could read no balance at all.
    #[test]
    fn a_balance_is_an_object_with_owners_and_lost_outputs() {
        let body = br#"{"confirmed_balance":[{"owner":"ISSUER","amount":9,"GAID":null}],
            "lost_outputs":[{"txid":"ab","vout":1}]}"#;
        let balance = AssetBalance::read(&Bytes::from_static(body)).unwrap();
        assert_eq!(balance.confirmed_balance[0].amount, 9);
        assert_eq!(balance.lost_outputs, [Outpoint::new("ab", 1)]);
        assert!(!balance.is_complete());
    }

    #[test]
    fn a_balance_that_says_nothing_of_lost_outputs_is_not_taken_for_a_complete_one() {
        for body in [
            "{}",
            r#"{"lost_outputs":null}"#,
            r#"{"confirmed_balance":[]}"#,
        ] {
            let body = Bytes::from_static(body.as_bytes());
            assert!(AssetBalance::read(&body).is_err(), "{body:?}");
            assert!(LostOutputs::read(&body).is_err(), "{body:?}");
        }
        let body = Bytes::from_static(br#"{"lost_outputs":[],"reissuance_lost_outputs":null}"#);
        assert!(AssetBalance::read(&body).unwrap().is_complete());
    }
}
