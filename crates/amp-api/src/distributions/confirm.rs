//! Reporting a mined distribution.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::answer::read_json;
use crate::node::check_change;
use crate::{Answer, Call, Distribution, InvalidRequest, NodeJson, TxData, Unreadable, operations};

/// The report of a mined distribution: what the node said. Send it after two confirmations; sending
/// it again with the same transaction is harmless, and how a lost answer is mended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfirmDistribution {
    /// The transaction, with its details.
    pub tx_data: TxData,
    /// The node's `listunspent` of this asset and transaction, unchanged; may be empty.
    pub change_data: Vec<NodeJson>,
}

impl ConfirmDistribution {
    /// Reports it. The answer is the distribution, or nothing.
    ///
    /// # Errors
    ///
    /// When an id is empty, the details are missing, or the change cannot come from `listunspent`.
    pub fn call(
        &self,
        asset_uuid: &str,
        distribution_uuid: &str,
    ) -> Result<Call<Option<Distribution>>, InvalidRequest> {
        self.tx_data.check()?;
        if self.tx_data.details.is_none() {
            let (field, rule) = ("details", "of gettransaction must be given");
            return Err(InvalidRequest::Field { field, rule });
        }
        check_change(&self.change_data)?;
        Call::with(
            &operations::CONFIRM_DISTRIBUTION,
            &[asset_uuid, distribution_uuid],
            self,
        )
    }
}

/// The service answers with the distribution, with null or with nothing. Anything else is nothing,
/// too: what is reported is reported (A-69).
impl Answer for Option<Distribution> {
    const EXPECTED: &'static str = "a distribution or nothing";

    fn read(body: &Bytes) -> Result<Self, Unreadable> {
        Ok(read_json(body).ok())
    }
}

#[cfg(test)]
mod tests {
    use token_core::Idempotency;

    use super::*;
    use crate::BaseUrl;

    fn report() -> ConfirmDistribution {
        let json = |text| NodeJson::parse(text).unwrap();
        ConfirmDistribution {
            tx_data: TxData::new("ab").with_details(vec![json(r#"{"amount":-0.10000000}"#)]),
            change_data: vec![json(r#"{"txid":"ab","vout":1,"amount":0.30000000}"#)],
        }
    }

    // W-A37
    #[test]
    fn a_report_passes_on_what_the_node_said() {
        let base = BaseUrl::parse("https://amp.example/api").unwrap();
        let call = report().call("u", "d").unwrap();
        assert_eq!(call.request().idempotency(), Idempotency::Idempotent);
        let sent = call.request().to_http(&base).unwrap();
        assert_eq!(sent.uri().path(), "/api/assets/u/distributions/d/confirm");
        assert_eq!(
            std::str::from_utf8(sent.body()).unwrap(),
            r#"{"tx_data":{"txid":"ab","details":[{"amount":-0.10000000}]},"change_data":[{"txid":"ab","vout":1,"amount":0.30000000}]}"#
        );
    }

    // A-69: upstream threw the answer away; here it may be missing.
    #[test]
    fn a_report_is_answered_with_the_distribution_or_nothing() {
        let read = |body: &'static str| {
            Option::<Distribution>::read(&Bytes::from_static(body.as_bytes())).unwrap()
        };
        for body in ["", "null", "{}", r#""ok""#, "OK"] {
            assert_eq!(read(body), None, "{body}");
        }
        let full =
            r#"{"distribution_uuid":"d","distribution_status":"CONFIRMED","transactions":[]}"#;
        assert!(read(full).unwrap().is_confirmed());
    }

    // A-72
    #[test]
    fn what_cannot_be_meant_is_refused_before_any_request() {
        let changed = |change: fn(&mut ConfirmDistribution)| {
            let mut report = report();
            change(&mut report);
            report.call("u", "d").unwrap_err().to_string()
        };
        let cases = [
            (changed(|report| report.tx_data.txid.clear()), "txid"),
            (changed(|report| report.tx_data.details = None), "details"),
            (
                changed(|report| report.change_data = vec![NodeJson::parse("[]").unwrap()]),
                "change_data",
            ),
        ];
        for (error, name) in cases {
            assert!(error.starts_with(name), "{error}");
        }
        assert!(report().call("u", "").is_err());
    }
}
