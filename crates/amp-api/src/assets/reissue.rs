//! Issuing more of an asset: ask for instructions, let a node do it, report it.

use serde::{Deserialize, Serialize};

use crate::answer::json_answer;
use crate::check::{check_texts, check_units};
use crate::wire::null_is_default;
use crate::{Call, CoinAmount, InvalidRequest, NodeJson, Outpoint, operations};

/// What a node has to do for a reissuance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ReissueInstructions {
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
    /// The amount in coins, for the node's `reissueasset`.
    pub amount: CoinAmount,
    /// The outputs that hold the reissuance token.
    pub reissuance_utxos: Vec<Outpoint>,
}

impl ReissueInstructions {
    /// Asks for the instructions to issue so many units more. The request is sent again only when
    /// it was certainly not processed.
    ///
    /// # Errors
    ///
    /// When the id is empty, or the amount is outside what can exist.
    pub fn request(asset_uuid: &str, amount_to_reissue: i64) -> Result<Call<Self>, InvalidRequest> {
        let field = "amount_to_reissue";
        check_units(field, amount_to_reissue)?;
        let body = std::collections::BTreeMap::from([(field, amount_to_reissue)]);
        Call::with(&operations::REQUEST_REISSUE, &[asset_uuid], &body)
    }
}

/// The report of a mined reissuance: what the node said. Send it after two confirmations; sending it
/// again with the same transaction is harmless.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfirmReissue {
    /// The `details` of the node's `gettransaction`: a list, or an object.
    pub details: NodeJson,
    /// What the node's `reissueasset` answered.
    pub reissuance_output: ReissuanceOutput,
    /// The entries of the node's `listissuances` with this transaction.
    pub listissuances: Vec<NodeJson>,
}

impl ConfirmReissue {
    /// Reports it.
    ///
    /// # Errors
    ///
    /// When an id is empty.
    pub fn call(&self, asset_uuid: &str) -> Result<Call<ConfirmedReissue>, InvalidRequest> {
        check_texts(&[("txid", &self.reissuance_output.txid)])?;
        Call::with(&operations::CONFIRM_REISSUE, &[asset_uuid], self)
    }
}

/// What a node's `reissueasset` answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReissuanceOutput {
    /// The transaction.
    pub txid: String,
    /// The input that reissues.
    pub vin: i64,
}

/// A reissuance that the service took note of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ConfirmedReissue {
    /// The transaction.
    pub txid: String,
    /// The input that reissues.
    pub vin: i64,
    /// The number of units.
    pub reissuance_amount: i64,
}

/// A reissuance of the past.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Reissuance {
    /// The transaction.
    pub txid: String,
    /// The output that holds what was issued.
    pub vout: i64,
    /// The address that received it.
    #[serde(default)]
    pub destination_address: Option<String>,
    /// The number of units.
    pub reissuance_amount: i64,
    /// The hash of the block that holds it; `None` while there is none.
    #[serde(default)]
    pub confirmed_in_block: Option<String>,
    /// When, as ISO 8601.
    #[serde(default, deserialize_with = "null_is_default")]
    pub created: String,
}

impl Reissuance {
    /// Asks for the reissuances of an asset.
    ///
    /// # Errors
    ///
    /// When the id is empty.
    pub fn list(asset_uuid: &str) -> Result<Call<Vec<Self>>, InvalidRequest> {
        Call::to(&operations::LIST_ASSET_REISSUANCES, &[asset_uuid])
    }
}

json_answer! {
    ReissueInstructions: "instructions for a reissuance";
    ConfirmedReissue: "the confirmed reissuance";
    Vec<Reissuance>: "a list of reissuances";
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use token_core::Idempotency;

    use super::*;
    use crate::{Answer, BaseUrl};

    // W-A37: upstream read a binary fraction and handed it to the node.
    #[test]
    fn the_amount_of_the_instructions_is_exact() {
        let body = r#"{"command":"reissue","min_supported_client_script_version":1,
            "base_url":"https://amp.example/api/{}","asset_uuid":"u","asset_id":"ab",
            "amount":20999999.99999999,"reissuance_utxos":[{"txid":"cd","vout":0}]}"#;
        let read = ReissueInstructions::read(&Bytes::from_static(body.as_bytes())).unwrap();
        assert_eq!(read.amount.units(), 2_099_999_999_999_999);
        let written = serde_json::to_string(&read).unwrap();
        assert!(
            written.contains(r#""amount":20999999.99999999,"#),
            "{written}"
        );
    }

    // W-A37: what the node said reaches the service to the digit.
    #[test]
    fn a_report_passes_on_what_the_node_said() {
        let report: ConfirmReissue = serde_json::from_str(
            r#"{"details":[{"amount":0.10000000}],"reissuance_output":{"txid":"ab","vin":0},
                "listissuances":[{"assetamount":0.30000000}]}"#,
        )
        .unwrap();
        let call = report.call("u").unwrap();
        assert_eq!(call.request().idempotency(), Idempotency::Idempotent);
        let base = BaseUrl::parse("https://amp.example/api").unwrap();
        let sent = call.request().to_http(&base).unwrap();
        assert_eq!(
            std::str::from_utf8(sent.body()).unwrap(),
            r#"{"details":[{"amount":0.10000000}],"reissuance_output":{"txid":"ab","vin":0},"listissuances":[{"assetamount":0.30000000}]}"#
        );
    }

    // A-72
    #[test]
    fn a_reissuance_of_nothing_is_refused_before_any_request() {
        for amount in [i64::MIN, -1, 0, i64::MAX] {
            let error = ReissueInstructions::request("u", amount).unwrap_err();
            assert!(
                error.to_string().starts_with("amount_to_reissue"),
                "{error}"
            );
        }
        let call = ReissueInstructions::request("u", 1).unwrap();
        assert!(!call.request().idempotency().repeatable());
    }

    // W-A27: upstream could not read a reissuance that no block holds yet.
    #[test]
    fn a_reissuance_without_a_block_is_read() {
        let body = br#"[{"txid":"ab","vout":1,"destination_address":null,"reissuance_amount":5,
            "confirmed_in_block":null,"created":null}]"#;
        let read = Vec::<Reissuance>::read(&Bytes::from_static(body)).unwrap();
        assert_eq!(
            (read[0].vout, read[0].confirmed_in_block.as_ref()),
            (1, None)
        );
    }
}
