//! Burning a part of an asset: ask for instructions, let a node do it, report it.

use serde::{Deserialize, Serialize};

use crate::answer::json_answer;
use crate::check::check_units;
use crate::node::check_change;
use crate::{Call, CoinAmount, InvalidRequest, NodeJson, Outpoint, TxData, operations};

/// What a node has to do to burn a part of an asset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BurnInstructions {
    /// The command of Blockstream's script.
    pub command: String,
    /// The oldest version of that script that may be used.
    #[serde(default)]
    pub min_supported_client_script_version: Option<i64>,
    /// Where that script reports to. This crate never sends anything there.
    pub base_url: String,
    /// The service's own id of the asset.
    pub asset_uuid: String,
    /// The id on the chain.
    pub asset_id: String,
    /// The amount in coins, for the node's `destroyamount`.
    pub amount: CoinAmount,
    /// The outputs to burn from.
    pub utxos: Vec<Outpoint>,
}

impl BurnInstructions {
    /// Asks for the instructions to burn so many units. The request is sent again only when it was
    /// certainly not processed.
    ///
    /// # Errors
    ///
    /// When the id is empty, or the amount is outside what can exist.
    pub fn request(asset_uuid: &str, amount: i64) -> Result<Call<Self>, InvalidRequest> {
        check_units("amount", amount)?;
        let body = std::collections::BTreeMap::from([("amount", amount)]);
        Call::with(&operations::REQUEST_BURN, &[asset_uuid], &body)
    }
}

json_answer! {
    BurnInstructions: "instructions for burning";
}

/// The report of a mined burning: what the node said. Sending it again with the same transaction is
/// harmless.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfirmBurn {
    /// The transaction; it needs no details here.
    pub tx_data: TxData,
    /// The node's `listunspent` of this asset and transaction, unchanged; may be empty.
    pub change_data: Vec<NodeJson>,
}

impl ConfirmBurn {
    /// Reports it. The answer has no body.
    ///
    /// # Errors
    ///
    /// When an id is empty, or the change cannot come from `listunspent`.
    pub fn call(&self, asset_uuid: &str) -> Result<Call<()>, InvalidRequest> {
        self.tx_data.check()?;
        check_change(&self.change_data)?;
        Call::with(&operations::CONFIRM_BURN, &[asset_uuid], self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // W-A37
    #[test]
    fn the_amount_of_the_instructions_is_exact() {
        let body = r#"{"command":"destroyamount","base_url":"b","asset_uuid":"u","asset_id":"ab",
            "amount":0.3,"utxos":[],"min_supported_client_script_version":null}"#;
        let read: BurnInstructions = serde_json::from_str(body).unwrap();
        assert_eq!(read.amount.units(), 30_000_000);
    }

    // A-72
    #[test]
    fn what_cannot_be_meant_is_refused_before_any_request() {
        assert!(BurnInstructions::request("u", 0).is_err());
        assert!(BurnInstructions::request("", 1).is_err());
        let report = |txid: &str, change: &str| ConfirmBurn {
            tx_data: TxData::new(txid),
            change_data: vec![NodeJson::parse(change).unwrap()],
        };
        let output = r#"{"txid":"ab","vout":0}"#;
        assert!(report("ab", output).call("u").is_ok());
        for (report, name) in [
            (report("", output), "txid"),
            (report("ab", r#"{"txid":"ab"}"#), "change_data"),
        ] {
            let error = report.call("u").unwrap_err();
            assert!(error.to_string().starts_with(name), "{error}");
        }
    }
}
