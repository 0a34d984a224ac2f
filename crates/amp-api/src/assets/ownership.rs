//! Who owns how much of an asset.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::answer::json_answer;
use crate::{Call, InvalidRequest, Request, operations};

/// The word by which the service calls the issuer.
const ISSUER: &str = "ISSUER";

/// How much of an asset one account holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Ownership {
    /// Who owns it; `None` when the account belongs to no registered user.
    #[serde(default)]
    pub owner: Option<Owner>,
    /// The number of units.
    pub amount: i64,
    /// The account.
    #[serde(flatten, with = "crate::wire::gaid")]
    pub gaid: Option<String>,
}

impl Ownership {
    /// Asks who owns how much, at a block height or, with `None`, at the last block.
    ///
    /// # Errors
    ///
    /// When the id is empty.
    pub fn list(asset_uuid: &str, height: Option<i64>) -> Result<Call<Vec<Self>>, InvalidRequest> {
        let request = Request::new(&operations::LIST_ASSET_OWNERSHIPS, &[asset_uuid])?;
        let Some(height) = height else {
            return Ok(Call::new(request));
        };
        let height = height.to_string();
        let request = request.with_query([("height", height.as_str())]);
        Ok(Call::new(request))
    }

    /// The same with the height in the path, as amp-rs has it. Its description is hardly proven:
    /// prefer [`list`](Self::list).
    ///
    /// # Errors
    ///
    /// When the id is empty.
    pub fn list_at_path(asset_uuid: &str, height: i64) -> Result<Call<Vec<Self>>, InvalidRequest> {
        let arguments = [asset_uuid, &height.to_string()];
        Call::to(&operations::LIST_ASSET_OWNERSHIPS_AT_PATH, &arguments)
    }
}

json_answer! {
    Vec<Ownership>: "a list of ownerships";
}

/// Who owns a part of an asset.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "Wire", into = "Wire")]
#[non_exhaustive]
pub enum Owner {
    /// The issuer, whose part is the treasury.
    Issuer,
    /// The registered user of this id.
    RegisteredUser(i64),
    /// Anybody else, in the service's words.
    Other(String),
}

/// The id, or the word for the issuer.
impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Issuer => f.write_str(ISSUER),
            Self::RegisteredUser(id) => id.fmt(f),
            Self::Other(name) => f.write_str(name),
        }
    }
}

/// An owner as it comes: a number, the same number as a text, or a word.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Wire {
    Id(i64),
    Text(String),
}

impl From<Wire> for Owner {
    fn from(wire: Wire) -> Self {
        match wire {
            Wire::Id(id) => Self::RegisteredUser(id),
            Wire::Text(text) if text == ISSUER => Self::Issuer,
            Wire::Text(text) => match text.parse() {
                Ok(id) => Self::RegisteredUser(id),
                Err(_) => Self::Other(text),
            },
        }
    }
}

impl From<Owner> for Wire {
    fn from(owner: Owner) -> Self {
        match owner {
            Owner::RegisteredUser(id) => Self::Id(id),
            Owner::Issuer => Self::Text(ISSUER.to_owned()),
            Owner::Other(name) => Self::Text(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::{Answer, BaseUrl};

    // W-A27: upstream read a text, and failed on null and on a number.
    #[test]
    fn an_owner_may_be_a_number_a_text_a_word_null_or_missing() {
        let body = br#"[{"owner":7,"amount":1},{"owner":"8","amount":2},
            {"owner":"ISSUER","amount":3,"GAID":null},{"owner":"lost","amount":4,"gaid":"GA1"},
            {"owner":null,"amount":5,"GAID":"GA2"},{"amount":2100000000000000}]"#;
        let read = Vec::<Ownership>::read(&Bytes::from_static(body)).unwrap();
        let owners: Vec<_> = read.iter().map(|row| row.owner.clone()).collect();
        assert_eq!(
            owners,
            [
                Some(Owner::RegisteredUser(7)),
                Some(Owner::RegisteredUser(8)),
                Some(Owner::Issuer),
                Some(Owner::Other("lost".into())),
                None,
                None
            ]
        );
        let accounts: Vec<_> = read.iter().filter_map(|row| row.gaid.as_deref()).collect();
        assert_eq!(accounts, ["GA1", "GA2"]);
        assert_eq!(read[5].amount, 2_100_000_000_000_000);
        let written = serde_json::to_string(&read[..4]).unwrap();
        let again: Vec<Ownership> = serde_json::from_str(&written).unwrap();
        assert_eq!(again, read[..4]);
    }

    // W-A28: upstream put the height into the path, where only it looks for one.
    #[test]
    fn the_height_is_a_parameter_of_the_query() {
        let base = BaseUrl::parse("https://amp.example/api").unwrap();
        let uri = |call: Call<Vec<Ownership>>| call.request().to_http(&base).unwrap().uri().clone();
        let cases = [
            (Ownership::list("u", None), "ownerships"),
            (Ownership::list("u", Some(7)), "ownerships?height=7"),
            (Ownership::list_at_path("u", 7), "ownerships/7"),
        ];
        for (call, end) in cases {
            let expected = format!("https://amp.example/api/assets/u/{end}");
            assert_eq!(uri(call.unwrap()), expected.as_str());
        }
    }
}
