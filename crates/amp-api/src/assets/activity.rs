//! What happened with an asset.

use serde::{Deserialize, Serialize};

use crate::answer::json_answer;
use crate::word::words;
use crate::{Call, HistoryFilter, InvalidRequest, Request, operations};

words! {
    /// What kind of activity it was.
    ActivityKind {
        /// The asset was issued.
        Issuance = "issuance",
        /// More of it was issued.
        Reissuance = "reissuance",
        /// It was handed out to registered users.
        Distribution = "distribution",
        /// It was transferred.
        Transaction = "transaction",
        /// Some of it was burnt.
        Burn = "burn",
    }
}

/// One thing that happened with an asset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Wire")]
#[non_exhaustive]
pub struct Activity {
    /// What kind of activity it was.
    #[serde(rename = "type")]
    pub kind: ActivityKind,
    /// When, as the service writes it.
    pub datetime: String,
    /// What happened, in words.
    pub description: Option<String>,
    /// The transaction.
    pub txid: String,
    /// The output of the transaction.
    pub vout: Option<i64>,
    /// The height of the block that holds it.
    pub blockheight: Option<i64>,
    /// The blinding factor of the asset, since version 0.1.9 of the service.
    pub asset_blinder: Option<String>,
    /// The blinding factor of the amount, since version 0.1.9 of the service.
    pub amount_blinder: Option<String>,
    /// The registered user whom it concerns.
    #[serde(rename(serialize = "registered user"))]
    pub registered_user: Option<i64>,
    /// The number of units.
    pub amount: i64,
}

impl Activity {
    /// Asks for what happened with an asset.
    ///
    /// # Errors
    ///
    /// When the id is empty or a filter cannot be meant.
    pub fn list(
        asset_uuid: &str,
        filter: &HistoryFilter,
    ) -> Result<Call<Vec<Self>>, InvalidRequest> {
        let request = Request::new(&operations::LIST_ASSET_ACTIVITIES, &[asset_uuid])?;
        filter.apply(request).map(Call::new)
    }
}

json_answer! {
    Vec<Activity>: "a list of activities";
}

/// The activity as it comes. The user has been seen under three names, also under several at once.
#[derive(Deserialize)]
struct Wire {
    #[serde(rename = "type")]
    kind: ActivityKind,
    datetime: String,
    #[serde(default)]
    description: Option<String>,
    txid: String,
    #[serde(default)]
    vout: Option<i64>,
    #[serde(default)]
    blockheight: Option<i64>,
    #[serde(default)]
    asset_blinder: Option<String>,
    #[serde(default)]
    amount_blinder: Option<String>,
    #[serde(default, rename = "registered user")]
    spaced_user: Option<i64>,
    #[serde(default)]
    registered_user: Option<i64>,
    #[serde(default)]
    investor: Option<i64>,
    amount: i64,
}

impl From<Wire> for Activity {
    fn from(wire: Wire) -> Self {
        let user = wire.spaced_user.or(wire.registered_user);
        Self {
            kind: wire.kind,
            datetime: wire.datetime,
            description: wire.description,
            txid: wire.txid,
            vout: wire.vout,
            blockheight: wire.blockheight,
            asset_blinder: wire.asset_blinder,
            amount_blinder: wire.amount_blinder,
            registered_user: user.or(wire.investor),
            amount: wire.amount,
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::Answer;

    // W-A27: the user has three names, and a kind that is new is no failure.
    #[test]
    fn an_activity_is_read_whatever_its_user_is_called() {
        let cases = [
            (r#""registered user":7"#, Some(7)),
            (r#""registered_user":7"#, Some(7)),
            (r#""investor":7"#, Some(7)),
            (
                r#""registered user":7,"registered_user":7,"investor":7"#,
                Some(7),
            ),
            (r#""registered user":null"#, None),
            (r#""new":{}"#, None),
        ];
        for (user, expected) in cases {
            let body = format!(
                r#"[{{"type":"swap","datetime":"2026-01-01","txid":"ab","amount":5,{user}}}]"#
            );
            let read = Vec::<Activity>::read(&Bytes::from(body)).unwrap();
            assert_eq!(read[0].registered_user, expected, "{user}");
            assert_eq!(read[0].kind, ActivityKind::Other("swap".into()));
            assert_eq!(read[0].kind.as_str(), "swap");
        }
    }

    #[test]
    fn what_is_read_is_written_under_the_names_of_the_service() {
        let body = r#"{"type":"issuance","datetime":"d","txid":"ab","amount":5,"vout":1}"#;
        let activity: Activity = serde_json::from_str(body).unwrap();
        let written = serde_json::to_string(&activity).unwrap();
        assert!(written.contains(r#""registered user":null"#), "{written}");
        assert_eq!(
            serde_json::from_str::<Activity>(&written).unwrap(),
            activity
        );
    }
}
