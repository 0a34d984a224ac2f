//! Creating assignments: one request for each.

use serde::{Deserialize, Serialize};

use crate::check::check_units;
use crate::{Assignment, Call, InvalidRequest, operations};

/// An assignment that shall be created. Amounts are whole units of the smallest size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateAssignment {
    /// The registered user.
    pub registered_user: i64,
    /// The number of units, 1 to 2,100,000,000,000,000.
    pub amount: i64,
    /// When it vests, in seconds since 1970; at once when `None`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vesting_timestamp: Option<i64>,
    /// Whether the next distribution may take it; the service's default is no.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ready_for_distribution: Option<bool>,
}

/// What the service wants around one assignment; it takes no second one since version 0.1.7.
#[derive(Serialize)]
struct Envelope<'a> {
    assignments: [&'a CreateAssignment; 1],
}

impl CreateAssignment {
    /// Asks to create it; the answer is a list of one. The request is sent again only when it was
    /// certainly not processed.
    ///
    /// # Errors
    ///
    /// When the id is empty, or the amount is outside what can exist.
    pub fn call(&self, asset_uuid: &str) -> Result<Call<Vec<Assignment>>, InvalidRequest> {
        check_units("amount", self.amount)?;
        let assignments = [self];
        Call::with(
            &operations::CREATE_ASSIGNMENT,
            &[asset_uuid],
            &Envelope { assignments },
        )
    }

    /// Asks to create several: one request for each, to be sent in this order (A-71). All of them
    /// are checked before any can be sent.
    ///
    /// # Errors
    ///
    /// When there is none, or the first that [`call`](Self::call) refuses, with its place.
    pub fn calls(
        asset_uuid: &str,
        all: &[Self],
    ) -> Result<Vec<Call<Vec<Assignment>>>, InvalidRequest> {
        if all.is_empty() {
            let (field, rule) = ("assignments", "must not be empty");
            return Err(InvalidRequest::Field { field, rule });
        }
        let numbered = all.iter().enumerate();
        numbered
            .map(|(index, one)| one.call(asset_uuid).map_err(|error| error.of_item(index)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::BaseUrl;

    fn units(amount: i64) -> CreateAssignment {
        CreateAssignment {
            registered_user: 13,
            amount,
            ..CreateAssignment::default()
        }
    }

    // A-71: since 0.1.7 the service takes exactly one.
    #[test]
    fn several_assignments_are_one_request_each_in_order() {
        let base = BaseUrl::parse("https://amp.example/api").unwrap();
        let ready = CreateAssignment {
            ready_for_distribution: Some(true),
            vesting_timestamp: Some(9),
            ..units(100)
        };
        let calls = CreateAssignment::calls("u", &[ready, units(7)]).unwrap();
        let bodies: Vec<_> = calls
            .iter()
            .map(|call| call.request().to_http(&base).unwrap().into_body())
            .collect();
        assert_eq!(
            bodies,
            [
                r#"{"assignments":[{"registered_user":13,"amount":100,"vesting_timestamp":9,"ready_for_distribution":true}]}"#,
                r#"{"assignments":[{"registered_user":13,"amount":7}]}"#,
            ]
        );
        let blindly = |call: &Call<_>| call.request().idempotency().repeatable();
        assert!(!calls.iter().any(blindly));
    }

    // A-72: the whole list is looked through before the first request.
    #[test]
    fn a_list_with_nothing_or_a_mistake_in_it_makes_no_request() {
        let empty = CreateAssignment::calls("u", &[]).unwrap_err();
        assert_eq!(empty.to_string(), "assignments must not be empty");
        for amount in [0, -5, 2_100_000_000_000_001] {
            let list = [units(1), units(amount), units(0)];
            let error = CreateAssignment::calls("u", &list).unwrap_err();
            assert_eq!(
                error.to_string(),
                "number 2 of the list: amount must be between 1 and 2100000000000000"
            );
        }
        assert!(CreateAssignment::calls("", &[units(1)]).is_err());
    }
}
