//! The simulated chain: how high it is, when its blocks were made, and which addresses belong to wallets.
//!
//! It has no clock. Blocks come with transactions or on demand, one for each minute since the first, so that the same
//! requests always meet the same chain.

use std::collections::HashMap;

use crate::book::Owner;
use crate::hex;

/// What the chain has behind it at the start.
const FIRST_HEIGHT: i64 = 2_000_000;

/// When that block was made: 2026-01-01T00:00:00Z.
const FIRST_TIME: i64 = 1_767_225_600;

/// Liquid makes a block each minute.
const BLOCK_SECONDS: i64 = 60;

/// So deep a transaction must be before the service takes a report of it (amp-api.yaml, confirmDistribution).
pub(crate) const CONFIRMATIONS: i64 = 2;

/// The height of the chain, and what its addresses stand for.
pub(crate) struct Chain {
    height: i64,
    /// GAIDs by address.
    wallets: HashMap<String, String>,
}

impl Chain {
    pub(crate) fn new() -> Self {
        Self {
            height: FIRST_HEIGHT,
            wallets: HashMap::new(),
        }
    }

    /// The height of the last block.
    pub(crate) fn height(&self) -> i64 {
        self.height
    }

    pub(crate) fn grow(&mut self, blocks: i64) {
        self.height = self.height.saturating_add(blocks);
    }

    /// How many blocks there are from that height on.
    pub(crate) fn confirmations(&self, height: Option<i64>) -> i64 {
        height.map_or(0, |height| self.height - height + 1)
    }

    /// Notes that a wallet receives at an address.
    pub(crate) fn add_address(&mut self, address: &str, gaid: &str) {
        self.wallets.insert(address.to_owned(), gaid.to_owned());
    }

    /// Who receives at an address; a list has those of the treasury.
    pub(crate) fn owner(&self, address: &str, treasury: &[String]) -> Owner {
        if treasury.iter().any(|known| known == address) {
            return Owner::Treasury;
        }
        match self.wallets.get(address) {
            Some(gaid) => Owner::Wallet(gaid.clone()),
            None => Owner::Stranger,
        }
    }
}

/// When a block was made, in seconds since 1970.
pub(crate) fn block_time(height: i64) -> i64 {
    let minutes = height.saturating_sub(FIRST_HEIGHT);
    FIRST_TIME.saturating_add(minutes.saturating_mul(BLOCK_SECONDS))
}

/// The hash of a block, always the same for one height.
pub(crate) fn block_hash(height: i64) -> String {
    hex::random(&mut fastrand::Rng::with_seed(height.unsigned_abs()), 64)
}
