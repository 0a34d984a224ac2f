//! One distribution, and the operations that answer with it.

use serde::{Deserialize, Serialize};

use crate::answer::json_answer;
use crate::word::words;
use crate::{Call, InvalidRequest, operations};

words! {
    /// Whether the service knows that something was mined.
    ConfirmationStatus {
        /// It waits for the report of it.
        Unconfirmed = "UNCONFIRMED",
        /// It took note of it.
        Confirmed = "CONFIRMED",
    }
}

/// One distribution of an asset.
///
/// One that was created but not reported may be missing from the list; look at the assignments that
/// name a distribution instead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Distribution {
    /// The id.
    pub distribution_uuid: String,
    /// Whether the service knows that it was mined.
    pub distribution_status: ConfirmationStatus,
    /// The transactions that handed it out.
    pub transactions: Vec<DistributionTransaction>,
}

/// A transaction of a distribution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DistributionTransaction {
    /// The transaction.
    pub txid: String,
    /// Whether the service knows that it was mined.
    pub transaction_status: ConfirmationStatus,
    /// The height of the block that holds it.
    #[serde(default)]
    pub included_blockheight: Option<i64>,
    /// When it was mined, as ISO 8601.
    #[serde(default)]
    pub confirmed_datetime: Option<String>,
    /// What it handed out.
    pub assignments: Vec<DistributionAssignment>,
}

/// What one output of a distribution hands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DistributionAssignment {
    /// The registered user who receives it.
    pub registered_user: i64,
    /// The number of units.
    pub amount: i64,
    /// The output of the transaction.
    pub vout: i64,
}

impl Distribution {
    /// Asks for the distributions of an asset.
    ///
    /// # Errors
    ///
    /// When the id is empty.
    pub fn list(asset_uuid: &str) -> Result<Call<Vec<Self>>, InvalidRequest> {
        Call::to(&operations::LIST_DISTRIBUTIONS, &[asset_uuid])
    }

    /// Asks for one distribution.
    ///
    /// # Errors
    ///
    /// When an id is empty.
    pub fn get(asset_uuid: &str, distribution_uuid: &str) -> Result<Call<Self>, InvalidRequest> {
        Call::to(
            &operations::GET_DISTRIBUTION,
            &[asset_uuid, distribution_uuid],
        )
    }

    /// Takes back one that was not sent to the chain; its assignments can be handed out anew.
    ///
    /// # Errors
    ///
    /// When an id is empty.
    pub fn cancel(asset_uuid: &str, distribution_uuid: &str) -> Result<Call<()>, InvalidRequest> {
        Call::to(
            &operations::CANCEL_DISTRIBUTION,
            &[asset_uuid, distribution_uuid],
        )
    }

    /// Whether the service knows that it was mined.
    pub fn is_confirmed(&self) -> bool {
        self.distribution_status == ConfirmationStatus::Confirmed
    }
}

json_answer! {
    Distribution: "a distribution";
    Vec<Distribution>: "a list of distributions";
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::Answer;

    // W-A27: upstream knew two words, and no transaction without a block.
    #[test]
    fn a_distribution_is_read_with_a_new_status_and_without_a_block() {
        let body = br#"{"distribution_uuid":"d","distribution_status":"CANCELLED","transactions":[
            {"txid":"ab","transaction_status":"UNCONFIRMED","included_blockheight":null,
             "confirmed_datetime":null,"assignments":[{"registered_user":7,"amount":5,"vout":1}]}]}"#;
        let read = Distribution::read(&Bytes::from_static(body)).unwrap();
        assert_eq!(read.distribution_status.to_string(), "CANCELLED");
        assert!(!read.is_confirmed());
        let transaction = &read.transactions[0];
        assert_eq!(
            transaction.transaction_status,
            ConfirmationStatus::Unconfirmed
        );
        assert_eq!(transaction.included_blockheight, None);
        let written = serde_json::to_string(&read).unwrap();
        assert!(written.contains(r#""distribution_status":"CANCELLED""#));
    }

    // A-72
    #[test]
    fn an_empty_id_is_refused_before_any_request() {
        for (asset, distribution, name) in [("", "d", "assetUuid"), ("u", " ", "distributionUuid")]
        {
            let error = InvalidRequest::Argument(name);
            assert_eq!(Distribution::get(asset, distribution).unwrap_err(), error);
            assert_eq!(
                Distribution::cancel(asset, distribution).unwrap_err(),
                error
            );
        }
    }
}
