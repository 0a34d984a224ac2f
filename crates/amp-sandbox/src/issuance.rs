//! The request that issues an asset.

use serde::Serialize;

use crate::answer::{self, Answer};
use crate::book::{Funding, MOST};
use crate::fields::Fields;

/// A checked request to issue an asset; its fields come back in the answer.
#[derive(Debug, Serialize)]
pub(crate) struct Issuance {
    pub(crate) name: String,
    amount: i64,
    destination_address: String,
    pub(crate) domain: String,
    pub(crate) ticker: String,
    pub(crate) pubkey: String,
    pub(crate) precision: u8,
    is_confidential: bool,
    pub(crate) is_reissuable: bool,
    reissuance_amount: i64,
    reissuance_address: String,
    pub(crate) transfer_restricted: bool,
}

impl Issuance {
    /// Checks every field first and the rules between fields only when each is right, as the service does.
    pub(crate) fn read(mut fields: Fields) -> Result<Self, Answer> {
        let issuance = Self {
            name: fields.text("name", 5..=255),
            amount: fields.integer("amount", 1..=MOST),
            destination_address: fields.text("destination_address", 1..=255),
            domain: fields.text("domain", 4..=255),
            ticker: fields.text("ticker", 3..=5),
            pubkey: fields.text("pubkey", 66..=66),
            precision: u8::try_from(fields.optional_integer("precision", 0..=8))
                .unwrap_or_default(),
            is_confidential: fields.flag("is_confidential"),
            is_reissuable: fields.flag("is_reissuable"),
            reissuance_amount: fields.optional_integer("reissuance_amount", 0..=MOST),
            reissuance_address: fields.optional_text("reissuance_address"),
            transfer_restricted: fields.flag("transfer_restricted"),
        };
        issuance.check_forms(&mut fields);
        fields.finish()?;
        issuance.check_reissuance()?;
        Ok(issuance)
    }

    /// What it pays. An asset that may be reissued has a token to do it with, also if none was asked for.
    pub(crate) fn funding(&self) -> Funding {
        let token = (
            self.reissuance_address.clone(),
            self.reissuance_amount.max(1),
        );
        Funding {
            token: self.is_reissuable.then_some(token),
            ..Funding::of(&self.destination_address, self.amount)
        }
    }

    /// Where the issuer receives.
    pub(crate) fn addresses(&self) -> Vec<String> {
        let reissuance = self.is_reissuable.then_some(&self.reissuance_address);
        let addresses = [Some(&self.destination_address), reissuance];
        addresses.into_iter().flatten().cloned().collect()
    }

    fn check_forms(&self, fields: &mut Fields) {
        let letters = self.ticker.bytes().all(|byte| byte.is_ascii_alphabetic());
        let hex = self.pubkey.bytes().all(|byte| byte.is_ascii_hexdigit());
        fields.check(
            "name",
            self.name.is_ascii(),
            "This field may only contain ASCII characters.",
        );
        fields.check(
            "ticker",
            letters,
            "This value does not match the required pattern.",
        );
        fields.check(
            "pubkey",
            hex,
            "This value does not match the required pattern.",
        );
    }

    fn check_reissuance(&self) -> Result<(), Answer> {
        if !self.is_reissuable {
            return Ok(());
        }
        if self.reissuance_address.is_empty() {
            return Err(answer::non_field_error(
                "A reissuable asset needs a reissuance_address.",
            ));
        }
        if self.reissuance_address == self.destination_address {
            return Err(answer::non_field_error(
                "reissuance_address must differ from destination_address.",
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use serde_json::{Value, json};

    use super::*;

    fn valid() -> Value {
        json!({
            "name": "Sandbox coin",
            "amount": 1000,
            "destination_address": "vjU8destination",
            "domain": "sandbox.example",
            "ticker": "SBX",
            "pubkey": format!("02{}", "ab".repeat(32)),
        })
    }

    fn read(body: &Value) -> Result<Issuance, Value> {
        let body = serde_json::to_vec(body).unwrap();
        let json = HeaderValue::from_static("application/json; charset=utf-8");
        let fields = Fields::parse(Some(&json), &body).map_err(|answer| parse(&answer))?;
        Issuance::read(fields).map_err(|answer| parse(&answer))
    }

    fn parse(answer: &Answer) -> Value {
        assert_eq!(answer.status, 400);
        serde_json::from_slice(&answer.body).unwrap()
    }

    #[test]
    fn the_optional_fields_have_defaults() {
        let issuance = read(&valid()).unwrap();
        assert_eq!(
            (
                issuance.precision,
                issuance.is_reissuable,
                issuance.transfer_restricted
            ),
            (0, false, false)
        );
    }

    #[test]
    fn every_missing_field_is_named_at_once() {
        let errors = read(&json!({})).unwrap_err();
        let names: Vec<&String> = errors.as_object().unwrap().keys().collect();
        assert_eq!(
            names,
            [
                "amount",
                "destination_address",
                "domain",
                "name",
                "pubkey",
                "ticker"
            ]
        );
        assert_eq!(errors["name"], json!(["This field is required."]));
    }

    #[test]
    fn every_limit_has_the_message_of_the_framework() {
        let table = [
            ("name", json!(""), "This field may not be blank."),
            ("name", json!(null), "This field may not be null."),
            ("name", json!(17), "Not a valid string."),
            (
                "name",
                json!("four"),
                "Ensure this field has at least 5 characters.",
            ),
            (
                "name",
                json!("n".repeat(256)),
                "Ensure this field has no more than 255 characters.",
            ),
            (
                "name",
                json!("na\u{ef}ve coin"),
                "This field may only contain ASCII characters.",
            ),
            (
                "amount",
                json!(0),
                "Ensure this value is greater than or equal to 1.",
            ),
            (
                "amount",
                json!(MOST + 1),
                "Ensure this value is less than or equal to 2100000000000000.",
            ),
            ("amount", json!(1.5), "A valid integer is required."),
            ("amount", json!(null), "This field may not be null."),
            (
                "ticker",
                json!("AB"),
                "Ensure this field has at least 3 characters.",
            ),
            (
                "ticker",
                json!("AB1"),
                "This value does not match the required pattern.",
            ),
            (
                "pubkey",
                json!("zz".repeat(33)),
                "This value does not match the required pattern.",
            ),
            (
                "precision",
                json!(9),
                "Ensure this value is less than or equal to 8.",
            ),
            ("is_reissuable", json!("maybe"), "Must be a valid boolean."),
            (
                "transfer_restricted",
                json!(null),
                "This field may not be null.",
            ),
        ];
        for (field, value, message) in table {
            let mut body = valid();
            body[field] = value;
            assert_eq!(read(&body).unwrap_err(), json!({ field: [message] }));
        }
    }

    #[test]
    fn a_reissuable_asset_needs_an_address_of_its_own() {
        let mut body = valid();
        body["is_reissuable"] = json!(true);
        assert!(read(&body).unwrap_err()["non_field_errors"].is_array());
        body["reissuance_address"] = body["destination_address"].clone();
        assert!(read(&body).unwrap_err()["non_field_errors"].is_array());
        body["reissuance_address"] = json!("vjU8reissuance");
        assert!(read(&body).is_ok());
    }

    #[test]
    fn a_body_that_is_no_object_is_refused() {
        let error = read(&json!([1])).unwrap_err();
        assert_eq!(
            error,
            json!({ "non_field_errors": ["Invalid data. Expected a dictionary, but got list."] })
        );
    }
}
