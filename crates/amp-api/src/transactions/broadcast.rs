//! Broadcasting a transaction.

use serde::{Deserialize, Serialize};

use crate::answer::json_answer;
use crate::check::check_texts;
use crate::{Call, InvalidRequest, operations};

/// A transaction that was broadcast.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Broadcast {
    /// The transaction.
    pub txid: String,
    /// The transaction itself, in hex.
    #[serde(default)]
    pub hex: Option<String>,
}

impl Broadcast {
    /// Asks to broadcast a signed transaction, in hex. Doing it twice is doing it once, because it is
    /// the same transaction. Its description is hardly proven.
    ///
    /// # Errors
    ///
    /// When there is nothing to send.
    pub fn send(hex: &str) -> Result<Call<Self>, InvalidRequest> {
        check_texts(&[("hex", hex)])?;
        Call::with(&operations::BROADCAST_TRANSACTION, &[], hex)
    }

    /// Asks what became of one. Its description is hardly proven.
    ///
    /// # Errors
    ///
    /// When the id is empty.
    pub fn status(txid: &str) -> Result<Call<Self>, InvalidRequest> {
        Call::to(&operations::GET_BROADCAST_STATUS, &[txid])
    }
}

json_answer! {
    Broadcast: "a broadcast transaction";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::BaseUrl;

    #[test]
    fn a_transaction_is_sent_as_a_bare_text() {
        let base = BaseUrl::parse("https://amp.example/api").unwrap();
        let call = Broadcast::send("0200").unwrap();
        let sent = call.request().to_http(&base).unwrap();
        assert_eq!(sent.body(), r#""0200""#);
        assert!(call.request().idempotency().repeatable());
    }

    // A-72
    #[test]
    fn nothing_is_not_broadcast_and_no_transaction_has_no_status() {
        assert!(Broadcast::send(" ").is_err());
        let error = Broadcast::status("").unwrap_err();
        assert_eq!(error, InvalidRequest::Argument("txid"));
    }
}
