//! The supply of an asset in figures.

use serde::{Deserialize, Serialize};

use crate::answer::json_answer;
use crate::{Call, InvalidRequest, operations};

/// How much of an asset there is, and where it went. Amounts are whole units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AssetSummary {
    /// The id on the chain.
    pub asset_id: String,
    /// The id of the token that allows to issue more.
    #[serde(default)]
    pub reissuance_token_id: Option<String>,
    /// Issued at first.
    pub issued: i64,
    /// Issued later.
    pub reissued: i64,
    /// Assigned to registered users.
    pub assigned: i64,
    /// Handed out to them.
    pub distributed: i64,
    /// Burnt.
    pub burned: i64,
    /// In outputs that may not be spent.
    pub blacklisted: i64,
    /// The registered users.
    #[serde(default)]
    pub registered_users: Option<i64>,
    /// Those of them that hold some.
    #[serde(default)]
    pub active_registered_users: Option<i64>,
    /// The accounts that hold some.
    #[serde(default)]
    pub active_green_subaccounts: Option<i64>,
    /// The units of the token that allows to issue more.
    #[serde(default)]
    pub reissuance_tokens: Option<i64>,
}

impl AssetSummary {
    /// Asks for the figures of an asset.
    ///
    /// # Errors
    ///
    /// When the id is empty.
    pub fn get(asset_uuid: &str) -> Result<Call<Self>, InvalidRequest> {
        Call::to(&operations::GET_ASSET_SUMMARY, &[asset_uuid])
    }

    /// The units in circulation: issued, reissued, and neither burnt nor blacklisted. None when no
    /// `i64` holds them, as no figures of a real asset make it.
    pub fn circulating(&self) -> Option<i64> {
        let there = i128::from(self.issued) + i128::from(self.reissued);
        let gone = i128::from(self.burned) + i128::from(self.blacklisted);
        i64::try_from(there - gone).ok()
    }
}

json_answer! {
    AssetSummary: "the figures of an asset";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_circulates_is_what_was_issued_without_what_was_burnt_or_blacklisted() {
        let body = r#"{"asset_id":"ab","issued":2100000000000000,"reissued":5,"assigned":0,
            "distributed":0,"burned":3,"blacklisted":1,"registered_users":null}"#;
        let summary: AssetSummary = serde_json::from_str(body).unwrap();
        assert_eq!(summary.circulating(), Some(2_100_000_000_000_001));
        let extreme = AssetSummary {
            issued: i64::MAX,
            ..summary
        };
        assert_eq!(extreme.circulating(), None);
        let burned = AssetSummary {
            burned: 5,
            ..extreme
        };
        assert_eq!(burned.circulating(), Some(i64::MAX - 1));
    }
}
