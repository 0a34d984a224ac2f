//! What a registered user holds and was given, asset by asset.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::answer::read_json;
use crate::wire::null_is_default;
use crate::{Answer, Assignment, Call, Distribution, InvalidRequest, Unreadable, operations};

/// What a registered user holds and was given of one asset. Amounts are units of the smallest size.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RegisteredUserSummary {
    /// The service's own id of the asset.
    pub asset_uuid: String,
    /// The id on the chain: 64 hex characters.
    #[serde(default, deserialize_with = "null_is_default")]
    pub asset_id: String,
    /// What the user was assigned.
    #[serde(default, deserialize_with = "null_is_default")]
    pub assignments: Vec<Assignment>,
    /// The amount of all assignments.
    #[serde(default)]
    pub assignments_sum: Option<i64>,
    /// The distributions that handed it out.
    #[serde(default, deserialize_with = "null_is_default")]
    pub distributions: Vec<Distribution>,
    /// The amount of all distributions.
    #[serde(default)]
    pub distributions_sum: Option<i64>,
    /// What the user holds.
    #[serde(default)]
    pub balance: Option<i64>,
}

impl RegisteredUserSummary {
    /// Asks what a user holds and was given.
    ///
    /// The description of this operation is hardly proven: whether the service answers with a list
    /// or with one summary was never seen, so both are read.
    ///
    /// # Errors
    ///
    /// None with this operation; the type is that of all constructors.
    pub fn get(user_id: i64) -> Result<Call<Vec<Self>>, InvalidRequest> {
        let operation = &operations::GET_REGISTERED_USER_SUMMARY;
        Call::to(operation, &[&user_id.to_string()])
    }
}

/// One summary is a list of one.
impl Answer for Vec<RegisteredUserSummary> {
    const EXPECTED: &'static str = "a list of summaries, or one";

    fn read(body: &Bytes) -> Result<Self, Unreadable> {
        if body.trim_ascii_start().starts_with(b"{") {
            return read_json(body).map(|one| vec![one]);
        }
        read_json(body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &'static str) -> Result<Vec<RegisteredUserSummary>, Unreadable> {
        Vec::read(&Bytes::from_static(body.as_bytes()))
    }

    // W-A27
    #[test]
    fn one_summary_and_a_list_of_them_are_both_read() {
        let one = r#" {"asset_uuid":"u-1","asset_id":"ab","assignments":null,"balance":7}"#;
        let read_one = read(one).unwrap();
        assert_eq!((read_one.len(), read_one[0].balance), (1, Some(7)));
        assert!(read_one[0].assignments.is_empty());
        let two = r#"[{"asset_uuid":"u-1"},{"asset_uuid":"u-2"}]"#;
        assert_eq!(read(two).unwrap().len(), 2);
        assert_eq!(read("[]").unwrap(), []);
        assert_eq!(read(""), Err(Unreadable::Empty));
        assert!(matches!(read("{}"), Err(Unreadable::OtherForm { .. })));
    }
}
