//! The transactions of an asset.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::answer::json_answer;
use crate::wire::null_is_default;
use crate::{Call, HistoryFilter, InvalidRequest, Request, operations};

/// One transaction that moved an asset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AssetTransaction {
    /// The transaction.
    pub txid: String,
    /// When, as ISO 8601.
    #[serde(default)]
    pub datetime: Option<String>,
    /// The height of the block that holds it.
    pub blockheight: i64,
    /// Whether it issued the asset.
    #[serde(default, deserialize_with = "null_is_default")]
    pub is_issuance: bool,
    /// Whether it issued more of it.
    #[serde(default, deserialize_with = "null_is_default")]
    pub is_reissuance: bool,
    /// Whether it handed the asset out to registered users.
    #[serde(default, deserialize_with = "null_is_default")]
    pub is_distribution: bool,
    /// What it spent.
    pub inputs: Vec<AssetTransactionInput>,
    /// What it made.
    pub outputs: Vec<AssetTransactionOutput>,
    /// The transaction in an explorer.
    #[serde(default)]
    pub unblinded_url: Option<UnblindedUrl>,
}

impl AssetTransaction {
    /// Asks for the transactions of an asset; in the service's order the first is the issuance.
    ///
    /// # Errors
    ///
    /// When the id is empty or a filter cannot be meant.
    pub fn list(
        asset_uuid: &str,
        filter: &HistoryFilter,
    ) -> Result<Call<Vec<Self>>, InvalidRequest> {
        let request = Request::new(&operations::LIST_ASSET_TRANSACTIONS, &[asset_uuid])?;
        filter.apply(request).map(Call::new)
    }

    /// Asks for one transaction of an asset.
    ///
    /// # Errors
    ///
    /// When an id is empty.
    pub fn get(asset_uuid: &str, txid: &str) -> Result<Call<Self>, InvalidRequest> {
        Call::to(&operations::GET_ASSET_TRANSACTION, &[asset_uuid, txid])
    }

    /// Whether a block holds it.
    pub fn is_mined(&self) -> bool {
        self.blockheight > 0
    }
}

json_answer! {
    AssetTransaction: "a transaction of an asset";
    Vec<AssetTransaction>: "a list of transactions";
}

/// What a transaction spent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AssetTransactionInput {
    /// The id of the asset on the chain.
    #[serde(default)]
    pub asset_id: Option<String>,
    /// The number of the input.
    pub vin: i64,
    /// The transaction that made what is spent.
    pub prev_txid: String,
    /// The output of that transaction.
    pub prev_vout: i64,
    /// The number of units.
    pub amount: i64,
    /// The blinding factor of the asset: 64 hex characters, all zero when it is not known.
    #[serde(default)]
    pub asset_blinder: Option<String>,
    /// The blinding factor of the amount.
    #[serde(default)]
    pub amount_blinder: Option<String>,
    /// The registered user who owned it.
    #[serde(default)]
    pub registered_user: Option<i64>,
    /// The account that owned it.
    #[serde(flatten, with = "crate::wire::gaid")]
    pub gaid: Option<String>,
    /// Whether it was the issuer's.
    #[serde(default, deserialize_with = "null_is_default")]
    pub is_treasury: bool,
}

/// What a transaction made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AssetTransactionOutput {
    /// The id of the asset on the chain.
    #[serde(default)]
    pub asset_id: Option<String>,
    /// The number of the output.
    pub vout: i64,
    /// The number of units.
    pub amount: i64,
    /// The blinding factor of the asset: 64 hex characters, all zero when it is not known.
    pub asset_blinder: String,
    /// The blinding factor of the amount.
    #[serde(default)]
    pub amount_blinder: Option<String>,
    /// The registered user who owns it.
    #[serde(default)]
    pub registered_user: Option<i64>,
    /// The account that owns it.
    #[serde(flatten, with = "crate::wire::gaid")]
    pub gaid: Option<String>,
    /// Whether it is the issuer's.
    #[serde(default, deserialize_with = "null_is_default")]
    pub is_treasury: bool,
    /// Whether it was spent.
    #[serde(default, deserialize_with = "null_is_default")]
    pub is_spent: bool,
    /// Whether it was burnt.
    #[serde(default, deserialize_with = "null_is_default")]
    pub is_burnt: bool,
}

/// An address of an explorer that carries blinding factors: whoever has it sees what the chain
/// hides. Debug output does not show it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnblindedUrl(String);

impl UnblindedUrl {
    /// The address, for whoever may see the amounts.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for UnblindedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UnblindedUrl([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn transaction() -> AssetTransaction {
        let body = r#"{"txid":"ab","datetime":null,"blockheight":7,"is_issuance":null,
            "inputs":[{"vin":0,"prev_txid":"cd","prev_vout":1,"amount":5,"gaid":"GA1"}],
            "outputs":[{"vout":0,"amount":5,"asset_blinder":"00","GAID":"GA2","new":1}],
            "unblinded_url":"https://explorer.example/#blinded=5,hunter2"}"#;
        serde_json::from_str(body).unwrap()
    }

    // W-A27, W-A39: nulls, either key of an account, and flags that are missing.
    #[test]
    fn a_transaction_is_read_with_what_is_there() {
        let transaction = transaction();
        assert!(transaction.is_mined() && !transaction.is_issuance);
        assert_eq!(transaction.inputs[0].gaid.as_deref(), Some("GA1"));
        assert_eq!(transaction.outputs[0].gaid.as_deref(), Some("GA2"));
        assert!(!transaction.outputs[0].is_spent);
    }

    // W-A05
    #[test]
    fn debug_output_hides_the_address_that_unblinds() {
        let transaction = transaction();
        assert!(!format!("{transaction:?}").contains("hunter2"));
        let url = transaction.unblinded_url.unwrap();
        assert!(url.reveal().ends_with("hunter2"));
    }
}
