//! The version of the service, and what changed in it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::answer::json_answer;
use crate::{Call, InvalidRequest, operations};

/// The version of the service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Info {
    /// The version, as in `0.1.13`.
    pub version: String,
    /// Notes on changes that break clients.
    #[serde(default)]
    pub notes: Option<String>,
}

impl Info {
    /// Asks for the version; no token is sent.
    ///
    /// # Errors
    ///
    /// None with this operation; the type is that of all constructors.
    pub fn get() -> Result<Call<Self>, InvalidRequest> {
        Call::to(&operations::GET_INFO, &[])
    }
}

json_answer! {
    Info: "the version";
    Changelog: "changes by version";
}

/// What changed, by version. Texts in practice, but any JSON is kept.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Changelog(BTreeMap<String, Value>);

impl Changelog {
    /// Asks for the changes.
    ///
    /// # Errors
    ///
    /// None with this operation; the type is that of all constructors.
    pub fn get() -> Result<Call<Self>, InvalidRequest> {
        Call::to(&operations::GET_CHANGELOG, &[])
    }

    /// The entries, in the order of the version texts.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0
            .iter()
            .map(|(version, change)| (version.as_str(), change))
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::Answer;

    #[test]
    fn the_version_is_read_with_and_without_notes_and_with_unknown_keys() {
        let bodies = [
            r#"{"version":"0.1.13"}"#,
            r#"{"version":"0.1.13","notes":null}"#,
            r#"{"version":"0.1.13","later":{"x":1}}"#,
        ];
        for body in bodies {
            let info = Info::read(&Bytes::from_static(body.as_bytes())).unwrap();
            assert_eq!((info.version.as_str(), info.notes), ("0.1.13", None));
        }
        assert!(Info::read(&Bytes::from_static(br#"{"notes":"x"}"#)).is_err());
    }

    #[test]
    fn a_changelog_keeps_whatever_stands_behind_a_version() {
        let body = Bytes::from_static(br#"{"0.1.5":"text","0.1.4":{"added":["x"]},"0.1.3":null}"#);
        let changes = Changelog::read(&body).unwrap();
        let versions: Vec<_> = changes.entries().map(|(version, _)| version).collect();
        assert_eq!(versions, ["0.1.3", "0.1.4", "0.1.5"]);
        assert!(Changelog::read(&Bytes::from_static(b"[]")).is_err());
    }
}
