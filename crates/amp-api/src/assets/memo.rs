//! The note that is attached to an asset.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::answer::read_json;
use crate::{Answer, Call, InvalidRequest, Unreadable, operations};

/// The note of an asset; empty when there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Memo(String);

impl Memo {
    /// Asks for the note of an asset. Where there is none, the service may refuse.
    ///
    /// # Errors
    ///
    /// When the id is empty.
    pub fn get(asset_uuid: &str) -> Result<Call<Self>, InvalidRequest> {
        Call::to(&operations::GET_ASSET_MEMO, &[asset_uuid])
    }

    /// Sets the note of an asset. Setting it twice is setting it once.
    ///
    /// # Errors
    ///
    /// When the id is empty.
    pub fn set(asset_uuid: &str, memo: &str) -> Result<Call<()>, InvalidRequest> {
        Call::with(&operations::SET_ASSET_MEMO, &[asset_uuid], memo)
    }

    /// The note.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<Memo> for String {
    fn from(memo: Memo) -> Self {
        memo.0
    }
}

/// A bare text; nothing and null are the empty one.
impl Answer for Memo {
    const EXPECTED: &'static str = "the note of an asset";

    fn read(body: &Bytes) -> Result<Self, Unreadable> {
        match read_json(body) {
            Ok(memo) => Ok(Self(Option::unwrap_or_default(memo))),
            Err(Unreadable::Empty) => Ok(Self::default()),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use token_core::Idempotency;

    use super::*;
    use crate::BaseUrl;

    fn sent(memo: &str) -> Bytes {
        let base = BaseUrl::parse("https://amp.example/api").unwrap();
        let call = Memo::set("u", memo).unwrap();
        call.request().to_http(&base).unwrap().into_body()
    }

    // W-A25: upstream escaped double quotes and nothing else.
    #[test]
    fn a_note_is_sent_as_one_text_whatever_is_in_it() {
        assert_eq!(sent("plain"), r#""plain""#);
        assert_eq!(sent("a\"b\\c\nd\u{1}"), r#""a\"b\\c\nd\u0001""#);
        assert_eq!(
            sent(r#"","admin":true,"x":""#),
            r#""\",\"admin\":true,\"x\":\"""#
        );
    }

    // W-A25: setting it twice is setting it once, so it is repeated as any such call.
    #[test]
    fn setting_a_note_is_repeated_like_every_call_that_may_be() {
        let call = Memo::set("u", "x").unwrap();
        assert_eq!(call.request().idempotency(), Idempotency::Idempotent);
    }

    #[test]
    fn no_note_is_an_empty_note() {
        let read = |body: &'static str| Memo::read(&Bytes::from_static(body.as_bytes()));
        for body in ["", " ", "null", r#""""#] {
            assert_eq!(read(body).unwrap().as_str(), "", "{body:?}");
        }
        assert_eq!(read(r#""a\nb""#).unwrap().as_str(), "a\nb");
        assert_eq!(read("<p>"), Err(Unreadable::Html));
        assert!(read(r#"{"memo":"x"}"#).is_err());
    }

    proptest! {
        // W-A25
        #[test]
        fn every_note_comes_back_as_it_was_sent(memo in "\\PC*|[\\x00-\\x7f]*") {
            prop_assert_eq!(String::from(Memo::read(&sent(&memo)).unwrap()), memo);
        }
    }
}
