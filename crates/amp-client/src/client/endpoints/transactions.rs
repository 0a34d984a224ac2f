//! Broadcasting transactions.

use amp_api::Broadcast;

use crate::client::ApiClient;
use crate::error::Error;

impl ApiClient {
    /// What became of a transaction that was broadcast. Its description is hardly proven.
    ///
    /// # Errors
    ///
    /// Why there is no answer; an empty id is refused before anything is sent.
    pub async fn get_broadcast_status(&self, txid: &str) -> Result<Broadcast, Error> {
        self.send(&Broadcast::status(txid)?).await
    }

    /// Broadcasts a signed transaction, in hex. Its description is hardly proven.
    ///
    /// # Errors
    ///
    /// Why there is no answer; an empty transaction is refused before anything is sent.
    pub async fn broadcast_transaction(&self, hex: &str) -> Result<Broadcast, Error> {
        self.send(&Broadcast::send(hex)?).await
    }
}
