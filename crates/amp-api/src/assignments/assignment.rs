//! One assignment, and the operations that answer with it.

use serde::{Deserialize, Serialize};

use crate::answer::json_answer;
use crate::wire::null_is_default;
use crate::{Call, InvalidRequest, Request, operations};

/// One assignment of an asset to a registered user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Assignment {
    /// The id.
    pub id: i64,
    /// The registered user.
    pub registered_user: i64,
    /// The number of units.
    pub amount: i64,
    /// The address that receives them.
    #[serde(default)]
    pub receiving_address: Option<String>,
    /// The distribution that it is part of, once one was created.
    #[serde(default)]
    pub distribution_uuid: Option<String>,
    /// Whether the next distribution may take it.
    #[serde(default, deserialize_with = "null_is_default")]
    pub ready_for_distribution: bool,
    /// When it vests, as a date.
    #[serde(default)]
    pub vesting_datetime: Option<String>,
    /// When it vests, in seconds since 1970.
    #[serde(default)]
    pub vesting_timestamp: Option<i64>,
    /// Whether it has vested.
    #[serde(default, deserialize_with = "null_is_default")]
    pub has_vested: bool,
    /// Whether it was handed out.
    #[serde(default, deserialize_with = "null_is_default")]
    pub is_distributed: bool,
    /// The id of who created it.
    #[serde(default)]
    pub creator: Option<i64>,
    /// The account that receives it, since version 0.1.13 of the service.
    #[serde(flatten, with = "crate::wire::gaid")]
    pub gaid: Option<String>,
    /// The registered user under the name of older versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub investor: Option<i64>,
}

/// Which assignments are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "the set is complete by definition")]
pub enum AssignmentFilter {
    /// All of them.
    #[default]
    All,
    /// Those that were handed out.
    Distributed,
    /// Those that were not handed out yet.
    Open,
}

impl AssignmentFilter {
    const fn distributed(self) -> Option<&'static str> {
        match self {
            Self::All => None,
            Self::Distributed => Some("true"),
            Self::Open => Some("false"),
        }
    }
}

impl Assignment {
    /// Asks for the assignments of an asset.
    ///
    /// # Errors
    ///
    /// When the id is empty.
    pub fn list(
        asset_uuid: &str,
        filter: AssignmentFilter,
    ) -> Result<Call<Vec<Self>>, InvalidRequest> {
        let request = Request::new(&operations::LIST_ASSIGNMENTS, &[asset_uuid])?;
        let parameter = filter.distributed().map(|value| ("distributed", value));
        Ok(Call::new(request.with_query(parameter)))
    }

    /// Asks for one assignment.
    ///
    /// # Errors
    ///
    /// When an id is empty.
    pub fn get(asset_uuid: &str, id: i64) -> Result<Call<Self>, InvalidRequest> {
        Call::to(&operations::GET_ASSIGNMENT, &[asset_uuid, &id.to_string()])
    }

    /// Deletes one that was not handed out.
    ///
    /// # Errors
    ///
    /// When an id is empty.
    pub fn delete(asset_uuid: &str, id: i64) -> Result<Call<()>, InvalidRequest> {
        Call::to(
            &operations::DELETE_ASSIGNMENT,
            &[asset_uuid, &id.to_string()],
        )
    }

    /// Locks one, so that no distribution takes it. Locking twice is locking once.
    ///
    /// # Errors
    ///
    /// When an id is empty.
    pub fn lock(asset_uuid: &str, id: i64) -> Result<Call<Self>, InvalidRequest> {
        Call::to(&operations::LOCK_ASSIGNMENT, &[asset_uuid, &id.to_string()])
    }

    /// Unlocks one. Unlocking twice is unlocking once.
    ///
    /// # Errors
    ///
    /// When an id is empty.
    pub fn unlock(asset_uuid: &str, id: i64) -> Result<Call<Self>, InvalidRequest> {
        Call::to(
            &operations::UNLOCK_ASSIGNMENT,
            &[asset_uuid, &id.to_string()],
        )
    }
}

json_answer! {
    Assignment: "an assignment";
    Vec<Assignment>: "a list of assignments";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::BaseUrl;

    // W-A28
    #[test]
    fn the_filter_is_a_parameter_of_the_query() {
        let base = BaseUrl::parse("https://amp.example/api").unwrap();
        let cases = [
            (AssignmentFilter::All, None),
            (AssignmentFilter::Distributed, Some("distributed=true")),
            (AssignmentFilter::Open, Some("distributed=false")),
        ];
        for (filter, query) in cases {
            let call = Assignment::list("u", filter).unwrap();
            let sent = call.request().to_http(&base).unwrap();
            assert_eq!(sent.uri().query(), query);
        }
    }

    // W-A27
    #[test]
    fn an_assignment_is_read_with_nulls_missing_flags_and_the_older_name_of_its_user() {
        let body = r#"{"id":1,"registered_user":7,"investor":7,"amount":2100000000000000,
            "distribution_uuid":null,"has_vested":null,"GAID":null,"later":[]}"#;
        let read: Assignment = serde_json::from_str(body).unwrap();
        assert_eq!((read.amount, read.creator), (2_100_000_000_000_000, None));
        assert!(!read.has_vested && read.gaid.is_none());
    }
}
