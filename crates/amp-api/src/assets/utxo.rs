//! Outputs that hold an asset.

use serde::{Deserialize, Serialize};

use crate::answer::json_answer;
use crate::check::{check_list, check_texts};
use crate::wire::null_is_default;
use crate::{Call, InvalidRequest, Operation, operations};

/// One output of a transaction.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Outpoint {
    /// The transaction.
    pub txid: String,
    /// The number of its output.
    pub vout: i64,
}

impl Outpoint {
    /// The output of this number.
    pub fn new(txid: impl Into<String>, vout: i64) -> Self {
        let txid = txid.into();
        Self { txid, vout }
    }
}

/// An unspent output that the service watches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Utxo {
    /// The transaction.
    pub txid: String,
    /// The number of its output.
    pub vout: i64,
    /// The id of the asset on the chain.
    #[serde(default)]
    pub asset: Option<String>,
    /// The number of units.
    pub amount: i64,
    /// The registered user who owns it.
    #[serde(default)]
    pub registered_user: Option<i64>,
    /// The account that owns it.
    #[serde(default, alias = "GAID")]
    pub gaid: Option<String>,
    /// Whether it may not be spent.
    #[serde(default, deserialize_with = "null_is_default")]
    pub blacklisted: bool,
}

impl Utxo {
    /// Asks for the outputs that hold an asset.
    ///
    /// # Errors
    ///
    /// When the id is empty.
    pub fn list(asset_uuid: &str) -> Result<Call<Vec<Self>>, InvalidRequest> {
        Call::to(&operations::LIST_ASSET_UTXOS, &[asset_uuid])
    }

    /// Forbids to spend these outputs; the answer has those that it concerned.
    ///
    /// # Errors
    ///
    /// When an id or the list is empty.
    pub fn blacklist(
        asset_uuid: &str,
        outputs: &[Outpoint],
    ) -> Result<Call<Vec<Self>>, InvalidRequest> {
        mark(&operations::BLACKLIST_ASSET_UTXOS, asset_uuid, outputs)
    }

    /// Allows to spend these outputs again; the answer has those that it concerned.
    ///
    /// # Errors
    ///
    /// When an id or the list is empty.
    pub fn whitelist(
        asset_uuid: &str,
        outputs: &[Outpoint],
    ) -> Result<Call<Vec<Self>>, InvalidRequest> {
        mark(&operations::WHITELIST_ASSET_UTXOS, asset_uuid, outputs)
    }
}

fn mark(
    operation: &Operation,
    asset_uuid: &str,
    outputs: &[Outpoint],
) -> Result<Call<Vec<Utxo>>, InvalidRequest> {
    check_list("outputs", outputs)?;
    for output in outputs {
        check_texts(&[("txid", &output.txid)])?;
    }
    Call::with(operation, &[asset_uuid], outputs)
}

json_answer! {
    Vec<Utxo>: "a list of outputs";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::BaseUrl;

    #[test]
    fn marked_outputs_are_sent_as_a_bare_list() {
        let base = BaseUrl::parse("https://amp.example/api").unwrap();
        let outputs = [Outpoint::new("ab", 1), Outpoint::new("cd", 0)];
        for call in [
            Utxo::blacklist("u", &outputs).unwrap(),
            Utxo::whitelist("u", &outputs).unwrap(),
        ] {
            let sent = call.request().to_http(&base).unwrap();
            let body = std::str::from_utf8(sent.body()).unwrap();
            assert_eq!(body, r#"[{"txid":"ab","vout":1},{"txid":"cd","vout":0}]"#);
        }
    }

    // A-72
    #[test]
    fn no_outputs_and_outputs_of_no_transaction_are_refused_before_any_request() {
        for outputs in [&[][..], &[Outpoint::new(" ", 0)]] {
            assert!(Utxo::blacklist("u", outputs).is_err(), "{outputs:?}");
            assert!(Utxo::whitelist("u", outputs).is_err(), "{outputs:?}");
        }
    }
}
