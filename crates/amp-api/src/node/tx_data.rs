//! A mined transaction, as a node tells of it.

use serde::{Deserialize, Serialize};

use super::NodeJson;
use crate::InvalidRequest;
use crate::check::check_texts;

/// A mined transaction: what `gettransaction` of an Elements node answers, as far as the service
/// wants it. Reading a whole answer of the node takes these parts out of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TxData {
    /// The transaction.
    pub txid: String,
    /// The `details` of `gettransaction`, unchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<Vec<NodeJson>>,
}

impl TxData {
    /// A transaction without details.
    pub fn new(txid: impl Into<String>) -> Self {
        let (txid, details) = (txid.into(), None);
        Self { txid, details }
    }

    /// Adds the `details` of `gettransaction`.
    #[must_use]
    pub fn with_details(mut self, details: Vec<NodeJson>) -> Self {
        self.details = Some(details);
        self
    }

    pub(crate) fn check(&self) -> Result<(), InvalidRequest> {
        check_texts(&[("txid", &self.txid)])
    }
}

/// Refuses what cannot be entries of `listunspent` (A-72).
pub(crate) fn check_change(change: &[NodeJson]) -> Result<(), InvalidRequest> {
    if change.iter().all(|output| output.has(&["txid", "vout"])) {
        return Ok(());
    }
    let field = "change_data";
    let rule = "must be entries of listunspent, each with txid and vout";
    Err(InvalidRequest::Field { field, rule })
}

#[cfg(test)]
mod tests {
    use super::*;

    // W-A37
    #[test]
    fn the_answer_of_a_node_gives_its_details_unchanged() {
        let said = r#"{"hex":"00","txid":"ab","confirmations":2,
            "details":[{"amount":-0.10000000,"vout":1}]}"#;
        let data: TxData = serde_json::from_str(said).unwrap();
        let sent = serde_json::to_string(&data).unwrap();
        assert_eq!(
            sent,
            r#"{"txid":"ab","details":[{"amount":-0.10000000,"vout":1}]}"#
        );
        let bare = serde_json::to_string(&TxData::new("ab")).unwrap();
        assert_eq!(bare, r#"{"txid":"ab"}"#);
    }
}
