//! Issuing an asset: a chain transaction that spends money.

use serde::{Deserialize, Serialize};

use crate::answer::json_answer;
use crate::check::{MAX_UNITS, check_between, check_texts, check_units};
use crate::{Call, InvalidRequest, operations};

/// What shall be issued. Amounts are whole units of the smallest size.
///
/// Keys that are `None` are left out of the request, never sent as null.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssueAsset {
    /// The name: 5 to 255 ASCII characters.
    pub name: String,
    /// The number of units, 1 to 2,100,000,000,000,000.
    pub amount: i64,
    /// The confidential Liquid address that receives them.
    pub destination_address: String,
    /// The bare host name that vouches for the asset.
    pub domain: String,
    /// The short name: 3 to 5 letters.
    pub ticker: String,
    /// The issuer's compressed public key: 66 hex characters.
    pub pubkey: String,
    /// The digits after the decimal point, 0 to 8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub precision: Option<i64>,
    /// Whether the amount is hidden on the chain; the service's default is no.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_confidential: Option<bool>,
    /// Whether more may be issued later; the service's default is no.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_reissuable: Option<bool>,
    /// The units of the token that allows to issue more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reissuance_amount: Option<i64>,
    /// The address that receives that token; it must differ from the destination.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reissuance_address: Option<String>,
    /// Whether transfers need an authorisation, rather than being tracked only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transfer_restricted: Option<bool>,
}

impl IssueAsset {
    /// Asks the service to issue it. The request is sent again only when it was certainly not
    /// processed.
    ///
    /// # Errors
    ///
    /// When a required text is empty or an amount is outside what can exist; everything else is
    /// left to the judgement of the service.
    pub fn call(&self) -> Result<Call<IssuedAsset>, InvalidRequest> {
        self.check()?;
        Call::with(&operations::ISSUE_ASSET, &[], self)
    }

    fn check(&self) -> Result<(), InvalidRequest> {
        check_texts(&[
            ("name", &self.name),
            ("destination_address", &self.destination_address),
            ("domain", &self.domain),
            ("ticker", &self.ticker),
            ("pubkey", &self.pubkey),
        ])?;
        check_units("amount", self.amount)?;
        let rule = "must be between 0 and 2100000000000000";
        let reissuance = self.reissuance_amount.unwrap_or(0);
        check_between("reissuance_amount", reissuance, 0..=MAX_UNITS, rule)
    }
}

/// What was issued.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct IssuedAsset {
    /// The name.
    pub name: String,
    /// The number of units.
    pub amount: i64,
    /// The address that received them.
    #[serde(default)]
    pub destination_address: Option<String>,
    /// The bare host name that vouches for the asset.
    #[serde(default)]
    pub domain: Option<String>,
    /// The short name.
    #[serde(default)]
    pub ticker: Option<String>,
    /// The issuer's public key, in hex.
    #[serde(default)]
    pub pubkey: Option<String>,
    /// The digits after the decimal point; since version 0.1.2 of the service.
    #[serde(default)]
    pub precision: Option<i64>,
    /// Whether the amount is hidden on the chain.
    #[serde(default)]
    pub is_confidential: Option<bool>,
    /// Whether more may be issued later.
    #[serde(default)]
    pub is_reissuable: Option<bool>,
    /// The units of the token that allows to issue more.
    #[serde(default)]
    pub reissuance_amount: Option<i64>,
    /// The address that received that token.
    #[serde(default)]
    pub reissuance_address: Option<String>,
    /// The id on the chain: 64 hex characters.
    pub asset_id: String,
    /// The id of the token that allows to issue more.
    #[serde(default)]
    pub reissuance_token_id: Option<String>,
    /// The service's own id of the asset.
    pub asset_uuid: String,
    /// The transaction that issued it.
    pub txid: String,
    /// The input of that transaction.
    #[serde(default)]
    pub vin: Option<i64>,
    /// The output that holds the asset.
    #[serde(default)]
    pub asset_vout: Option<i64>,
    /// The output that holds the reissuance token.
    #[serde(default)]
    pub reissuance_vout: Option<i64>,
    /// The issuer's own authorisation service.
    #[serde(default)]
    pub issuer_authorization_endpoint: Option<String>,
    /// Whether transfers need an authorisation.
    #[serde(default)]
    pub transfer_restricted: Option<bool>,
    /// The blinding factor of the asset.
    #[serde(default)]
    pub issuance_assetblinder: Option<String>,
    /// The blinding factor of the reissuance token.
    #[serde(default)]
    pub issuance_tokenblinder: Option<String>,
}

json_answer! {
    IssuedAsset: "the issued asset";
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use token_core::Idempotency;

    use super::*;
    use crate::{Answer, BaseUrl};

    fn gold() -> IssueAsset {
        IssueAsset {
            name: "Gold coin".into(),
            amount: 1000,
            destination_address:
                "vjTvpDMQx3EQ2bS3pmmy7RivU3QTjGyyJFJy1Y5basdKmwpW3R4YRdsxFNT7B3bPNmJkgKCRCS63AtjR"
                    .into(),
            domain: "gold.example".into(),
            ticker: "GOLD".into(),
            pubkey: "02".repeat(33),
            ..IssueAsset::default()
        }
    }

    #[test]
    fn a_request_has_exactly_the_keys_that_were_set() {
        let base = BaseUrl::parse("https://amp.example/api").unwrap();
        let sent = gold().call().unwrap().request().to_http(&base).unwrap();
        assert_eq!(
            (sent.method().as_str(), sent.uri().path()),
            ("POST", "/api/assets/issue")
        );
        let body: serde_json::Value = serde_json::from_slice(sent.body()).unwrap();
        let keys: Vec<_> = body
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        assert_eq!(
            keys,
            [
                "amount",
                "destination_address",
                "domain",
                "name",
                "pubkey",
                "ticker"
            ]
        );
        assert_eq!(body["amount"], 1000);
    }

    #[test]
    fn an_issuance_is_repeated_only_when_it_was_certainly_not_processed() {
        let call = gold().call().unwrap();
        assert_eq!(call.request().idempotency(), Idempotency::OnlyIfUnprocessed);
    }

    // A-72
    #[test]
    fn what_cannot_be_meant_is_refused_before_any_request() {
        type Mistake = (&'static str, fn(&mut IssueAsset));
        let broken: [Mistake; 5] = [
            ("name", |issue| issue.name = " ".into()),
            ("pubkey", |issue| issue.pubkey.clear()),
            ("amount", |issue| issue.amount = 0),
            ("amount", |issue| issue.amount = MAX_UNITS + 1),
            ("reissuance_amount", |issue| {
                issue.reissuance_amount = Some(-1)
            }),
        ];
        for (name, break_it) in broken {
            let mut issue = gold();
            break_it(&mut issue);
            let error = issue.call().unwrap_err();
            assert!(
                matches!(error, InvalidRequest::Field { field, .. } if field == name),
                "{error}"
            );
        }
    }

    #[test]
    fn the_largest_amount_keeps_every_digit() {
        let body = format!(
            r#"{{"name":"G","amount":{MAX_UNITS},"asset_id":"ab","asset_uuid":"u","txid":"t","vin":0,
                "asset_vout":1,"reissuance_vout":null,"issuance_tokenblinder":null,"extra":1}}"#
        );
        let issued = IssuedAsset::read(&Bytes::from(body)).unwrap();
        assert_eq!(issued.amount, MAX_UNITS);
        assert_eq!((issued.vin, issued.reissuance_vout), (Some(0), None));
    }
}
