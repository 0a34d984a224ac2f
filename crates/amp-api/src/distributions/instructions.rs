//! Starting a distribution: the answer says what a node has to do.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::answer::json_answer;
use crate::{Call, CoinAmount, InvalidRequest, operations};

/// What a node has to do for a distribution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DistributionInstructions {
    /// The command of Blockstream's script.
    #[serde(default)]
    pub command: Option<String>,
    /// The oldest version of that script that may be used.
    #[serde(default)]
    pub min_supported_client_script_version: Option<i64>,
    /// Where that script reports to. This crate never sends anything there.
    #[serde(default)]
    pub base_url: Option<String>,
    /// The service's own id of the asset.
    #[serde(default)]
    pub asset_uuid: Option<String>,
    /// The id on the chain.
    pub asset_id: String,
    /// The id of the distribution, under which it is reported or taken back.
    pub distribution_uuid: String,
    /// How much each address receives, in coins, for the node's `sendmany`.
    pub map_address_amount: BTreeMap<String, CoinAmount>,
    /// Which asset each address receives.
    pub map_address_asset: BTreeMap<String, String>,
}

impl DistributionInstructions {
    /// Starts a distribution of everything that is ready. Although it is a GET it changes
    /// something, so it is sent again only when it was certainly not processed.
    ///
    /// # Errors
    ///
    /// When the id is empty.
    pub fn create(asset_uuid: &str) -> Result<Call<Self>, InvalidRequest> {
        Call::to(&operations::CREATE_DISTRIBUTION, &[asset_uuid])
    }

    /// What is handed out altogether, in units; `None` when it is more than there can be.
    pub fn total_units(&self) -> Option<i64> {
        self.map_address_amount
            .values()
            .try_fold(0_i64, |sum, amount| sum.checked_add(amount.units()))
    }
}

// The service was seen to answer 200 without an id when nothing was ready; that is no distribution.
json_answer! {
    DistributionInstructions: "a distribution (there is none unless an assignment is ready)";
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::{Answer, BaseUrl};

    fn read(amounts: &str) -> Result<DistributionInstructions, crate::Unreadable> {
        let body = format!(
            r#"{{"command":"distribute","base_url":"https://amp.example/api/{{}}","asset_id":"ab",
                "distribution_uuid":"d","map_address_amount":{amounts},
                "map_address_asset":{{"lq1":"ab"}}}}"#
        );
        DistributionInstructions::read(&Bytes::from(body))
    }

    // W-A37: upstream read binary fractions; 0.1 + 0.2 is 0.3 here.
    #[test]
    fn what_each_address_receives_is_exact() {
        let read = read(r#"{"a":0.1,"b":"0.2","c":1e-8,"d":3}"#).unwrap();
        let units: Vec<_> = read
            .map_address_amount
            .values()
            .map(|amount| amount.units())
            .collect();
        assert_eq!(units, [10_000_000, 20_000_000, 1, 300_000_000]);
        assert_eq!(read.total_units(), Some(330_000_001));
        let written = serde_json::to_string(&read).unwrap();
        assert!(
            written.contains(r#""map_address_amount":{"a":0.1,"b":0.2,"c":0.00000001,"d":3}"#),
            "{written}"
        );
    }

    #[test]
    fn a_sum_that_no_number_holds_is_none() {
        let most = "92233720368.54775807";
        let read = read(&format!(r#"{{"a":{most},"b":0.00000001}}"#)).unwrap();
        assert_eq!(read.total_units(), None);
    }

    #[test]
    fn an_answer_without_a_distribution_is_no_success() {
        let body = Bytes::from_static(br#"{"map_address_amount":{},"map_address_asset":{}}"#);
        assert!(DistributionInstructions::read(&body).is_err());
        assert!(read(r#"{"a":0.000000001}"#).is_err());
    }

    // W-A28: upstream left the slash away, and sent a body with a GET.
    #[test]
    fn the_slash_at_the_end_is_there_and_a_body_is_not() {
        let call = DistributionInstructions::create("u").unwrap();
        let base = BaseUrl::parse("https://amp.example/api").unwrap();
        let sent = call.request().to_http(&base).unwrap();
        assert_eq!(
            (sent.method().as_str(), sent.uri().path()),
            ("GET", "/api/assets/u/distributions/create/")
        );
        assert!(sent.body().is_empty());
        assert!(!call.request().idempotency().repeatable());
    }
}
