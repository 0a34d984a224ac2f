//! What the service writes in more than one way, read as one.

use serde::{Deserialize, Deserializer};

/// Reads null as what is there when nothing is: false, zero, no items.
pub(crate) fn null_is_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// A GAID under the key `GAID`, or `gaid`, as some answers have it; the first that is not null
/// counts. It is written as `GAID`, or not at all. For a field with
/// `#[serde(flatten, with = "crate::wire::gaid")]`.
pub(crate) mod gaid {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Deserialize)]
    struct Read {
        #[serde(rename = "GAID", default)]
        upper: Option<String>,
        #[serde(rename = "gaid", default)]
        lower: Option<String>,
    }

    #[derive(Serialize)]
    struct Written<'a> {
        #[serde(rename = "GAID")]
        gaid: &'a str,
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<String>, D::Error> {
        let read = Read::deserialize(deserializer)?;
        Ok(read.upper.or(read.lower))
    }

    pub(crate) fn serialize<S: Serializer>(
        gaid: &Option<String>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let written = gaid.as_deref().map(|gaid| Written { gaid });
        written.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Serialize, Deserialize)]
    struct Owner {
        id: i64,
        #[serde(flatten, with = "super::gaid")]
        gaid: Option<String>,
    }

    // W-A39: the mocks of the seed wrote one key and its model read the other, so the value was lost
    // and no test noticed.
    #[test]
    fn a_gaid_is_read_from_either_key_and_written_under_its_own() {
        let cases = [
            (r#"{"id":7,"GAID":"GA1"}"#, Some("GA1")),
            (r#"{"id":7,"gaid":"GA1"}"#, Some("GA1")),
            (r#"{"id":7,"GAID":null,"gaid":"GA1"}"#, Some("GA1")),
            (r#"{"id":7,"gaid":"GA2","GAID":"GA1","x":1}"#, Some("GA1")),
            (r#"{"id":7,"GAID":null}"#, None),
            (r#"{"id":7}"#, None),
        ];
        for (body, expected) in cases {
            let owner: Owner = serde_json::from_str(body).unwrap();
            assert_eq!(owner.gaid.as_deref(), expected, "{body}");
        }
        let owner = |gaid| serde_json::to_string(&Owner { id: 7, gaid }).unwrap();
        assert_eq!(owner(Some("GA1".into())), r#"{"id":7,"GAID":"GA1"}"#);
        assert_eq!(owner(None), r#"{"id":7}"#);
        assert!(serde_json::from_str::<Owner>(r#"{"id":7,"GAID":8}"#).is_err());
    }
}
