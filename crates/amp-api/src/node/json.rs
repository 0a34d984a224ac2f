//! What an Elements node said, passed on as it was.

use std::fmt;

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// JSON from an Elements node that the service wants to see unchanged: no number in it is rounded
/// and no key is lost.
///
/// Debug output does not show it, because it may hold blinding factors.
///
/// ```
/// use amp_api::NodeJson;
///
/// let entry = NodeJson::parse(r#"{"txid":"ab","vout":0,"amount":0.10000000}"#)?;
/// assert_eq!(entry.as_str(), r#"{"txid":"ab","vout":0,"amount":0.10000000}"#);
/// # Ok::<(), amp_api::NotJson>(())
/// ```
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NodeJson(Box<RawValue>);

impl NodeJson {
    /// Takes a text that is JSON.
    ///
    /// # Errors
    ///
    /// When it is not JSON.
    pub fn parse(json: &str) -> Result<Self, NotJson> {
        RawValue::from_string(json.trim().to_owned())
            .map(Self)
            .map_err(|error| NotJson {
                line: error.line(),
                column: error.column(),
            })
    }

    /// The JSON, to the byte.
    pub fn as_str(&self) -> &str {
        self.0.get()
    }

    /// Whether it is an object that has all of these keys.
    pub(crate) fn has(&self, keys: &[&str]) -> bool {
        type Object = std::collections::HashMap<String, IgnoredAny>;
        let object: Result<Object, _> = serde_json::from_str(self.as_str());
        object.is_ok_and(|object| keys.iter().all(|key| object.contains_key(*key)))
    }
}

impl PartialEq for NodeJson {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for NodeJson {}

impl fmt::Debug for NodeJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NodeJson({} bytes)", self.as_str().len())
    }
}

/// A text is not JSON. No part of it is in here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the text is not JSON, at line {line} column {column}")]
pub struct NotJson {
    line: usize,
    column: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    // W-A37: amounts of the node go through without becoming binary fractions.
    #[test]
    fn what_a_node_said_is_passed_on_to_the_byte() {
        for json in [
            r#"{"amount":0.10000000,"z":1,"a":2}"#,
            r#"[{"amount":-123456789.12345678}]"#,
            "0.100000000000000000000000001",
        ] {
            let read: NodeJson = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&read).unwrap(), json);
            assert_eq!(NodeJson::parse(&format!(" {json}\n")).unwrap(), read);
        }
        assert!(NodeJson::parse("{").is_err() && NodeJson::parse("").is_err());
    }

    // W-A05
    #[test]
    fn debug_output_hides_what_a_node_said() {
        let said = NodeJson::parse(r#"{"amountblinder":"hunter2"}"#).unwrap();
        assert_eq!(format!("{said:?}"), "NodeJson(27 bytes)");
        let error = NodeJson::parse("{hunter2").unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }

    #[test]
    fn keys_are_looked_for_in_objects_alone() {
        let has = |json, keys: &[&str]| NodeJson::parse(json).unwrap().has(keys);
        assert!(has(r#"{"txid":"ab","vout":0}"#, &["txid", "vout"]));
        assert!(!has(r#"{"txid":"ab"}"#, &["txid", "vout"]));
        assert!(!has(r#"["txid","vout"]"#, &["txid", "vout"]));
        assert!(!has(r#""txid""#, &["txid"]));
    }
}
