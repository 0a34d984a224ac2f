//! Raw transactions that clients asked to be broadcast.

use std::collections::HashMap;

use serde::Serialize;

use crate::hex;

/// The raw transactions so far. They are taken as they are: nothing in them changes a balance.
#[derive(Default)]
pub(crate) struct Broadcasts {
    hex_by_txid: HashMap<String, String>,
}

/// One of them, as the service shows it.
#[derive(Debug, Serialize)]
pub(crate) struct Broadcast<'a> {
    txid: &'a str,
    hex: &'a str,
}

impl Broadcasts {
    pub(crate) fn find(&self, txid: &str) -> Option<Broadcast<'_>> {
        let (txid, hex) = self.hex_by_txid.get_key_value(txid)?;
        Some(Broadcast { txid, hex })
    }

    /// Takes a transaction; the same one again has the id that it had.
    pub(crate) fn send(&mut self, raw: String, rng: &mut fastrand::Rng) -> String {
        let known = self.hex_by_txid.iter().find(|(_, hex)| **hex == raw);
        let txid = known.map(|(txid, _)| txid.clone());
        let txid = txid.unwrap_or_else(|| hex::random(rng, 64));
        self.hex_by_txid.entry(txid.clone()).or_insert(raw);
        txid
    }
}
