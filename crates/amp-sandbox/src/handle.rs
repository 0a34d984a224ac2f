//! Looking into a running sandbox and steering it.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

use crate::fault::Fault;
use crate::gaid;
use crate::ledger::{self, LedgerRow};
use crate::node::{NodeCommand, NodeRefusal};
use crate::rate_limit::{Limiter, RateLimit};
use crate::record::{OperationCount, RequestRecord};
use crate::service::Service;

/// A view into a running sandbox that can be cloned and sent elsewhere; it does not keep the sandbox running.
///
/// Everything takes effect for the next request that arrives; one that has been decided stays as it is.
#[derive(Clone)]
pub struct SandboxHandle {
    service: Arc<Mutex<Service>>,
}

impl SandboxHandle {
    pub(crate) fn new(service: Service) -> Self {
        Self {
            service: Arc::new(Mutex::new(service)),
        }
    }

    /// Every request so far, oldest first; of more than 100,000 the newest ones.
    pub fn requests(&self) -> Vec<RequestRecord> {
        self.lock().records.all()
    }

    /// How many of [`requests`](Self::requests) had this method and this path, which is relative to the base path;
    /// `*` stands for one segment and a trailing slash does not matter.
    pub fn count(&self, method: &str, path: &str) -> usize {
        self.lock().records.count(method, path)
    }

    /// How many requests arrived, also those that are no longer kept.
    pub fn total(&self) -> usize {
        self.lock().records.total()
    }

    /// Forgets the requests so far.
    pub fn clear_requests(&self) {
        self.lock().records.clear();
    }

    /// How often each operation was asked for and how often it answered 2xx, in the order of their names.
    pub fn counts(&self) -> Vec<OperationCount> {
        let service = self.lock();
        service.records.by_operation(service.state.flavour)
    }

    /// What became of the units of each asset, in order of issue.
    pub fn ledger(&self) -> Vec<LedgerRow> {
        ledger::rows(&self.lock().state)
    }

    /// Has the simulated node do something; order and answer are JSON, as [`NodeCommand`] says. A test with a node of
    /// its own can answer with what this answers.
    ///
    /// # Errors
    /// The order cannot be read, or the node has not what it takes; nothing has changed then.
    pub fn node(&self, command: NodeCommand, order: &str) -> Result<String, NodeRefusal> {
        let report = command.carry_out(&mut self.lock().state, order.as_bytes())?;
        Ok(String::from_utf8_lossy(&report).into_owned())
    }

    /// Makes blocks on the simulated chain; the first of them takes every transaction that waits. The answer is the
    /// height that follows.
    pub fn mine(&self, blocks: u32) -> i64 {
        let mut service = self.lock();
        service.state.mine(i64::from(blocks));
        service.state.chain.height()
    }

    /// The GAID of a wallet that nobody has registered. Every text in the form of a GAID stands for a wallet here, so a
    /// test may as well make up its own.
    pub fn new_gaid(&self) -> String {
        gaid::new(&mut self.lock().state.rng)
    }

    /// How many assets there are, the seeded ones included.
    pub fn asset_count(&self) -> usize {
        self.lock().state.assets.all().len()
    }

    /// How many issues took effect, whether or not their answers arrived.
    pub fn issued_count(&self) -> usize {
        self.lock().state.assets.issued()
    }

    /// Ends every token as an administrator would; the answer is how many were live.
    pub fn revoke_tokens(&self) -> usize {
        self.lock().state.tokens.revoke_all(Instant::now())
    }

    /// Ends every token as if its lifetime had passed. On the wire that looks the same as revocation.
    pub fn expire_tokens(&self) {
        self.revoke_tokens();
    }

    /// How often somebody used a refresh token that was spent before: a client that loses the new one does.
    #[cfg(feature = "cidx")]
    pub fn refresh_replays(&self) -> usize {
        self.lock().state.refresh_tokens.replays()
    }

    /// Makes every refresh token one that was spent, as when the answer with the new one was lost; the answer is how
    /// many there were.
    #[cfg(feature = "cidx")]
    pub fn spend_refresh_tokens(&self) -> usize {
        self.lock().state.refresh_tokens.spend_all()
    }

    /// Goes back to the seeded state: no token, no fault, no record, and the rate limit of the builder.
    pub fn reset(&self) {
        self.lock().reset();
    }

    /// Adds a fault behind those that are still to happen.
    pub fn inject(&self, fault: Fault) {
        self.inject_all([fault]);
    }

    /// Adds faults, in their order, behind those that are still to happen.
    pub fn inject_all(&self, faults: impl IntoIterator<Item = Fault>) {
        let faults: Vec<Fault> = faults.into_iter().collect();
        self.lock().faults.extend(faults);
    }

    /// Forgets the faults that are still to happen.
    pub fn clear_faults(&self) {
        self.lock().faults.clear();
    }

    /// Sets or lifts the rate limit; a new period begins with the next request.
    pub fn set_rate_limit(&self, limit: Option<RateLimit>) {
        self.lock().limiter = Limiter::new(limit);
    }

    /// No method of the service calls out while it is locked, so a poisoned lock still holds a whole state.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Service> {
        self.service.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for SandboxHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SandboxHandle")
            .field("total", &self.total())
            .finish_non_exhaustive()
    }
}
