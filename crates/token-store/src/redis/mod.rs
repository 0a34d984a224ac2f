//! A store that hosts share through a Redis or Valkey server.

mod call;
mod codec;
mod dial;
#[cfg(test)]
mod fake;
mod floor;
mod keys;
mod lease;
mod note;
mod options;
mod probe;
mod refusal;
mod remote;
mod reply;
mod scripts;
mod server;
mod shared;
mod store;
#[cfg(test)]
mod tests;
#[cfg(feature = "redis-tls")]
mod tls;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use secrecy::SecretString;

use self::call::Call;
pub use self::options::RedisStoreBuilder;
use self::remote::Remote;
use self::server::Server as _;
use self::store::Protocol;
use crate::{
    Binding, Commit, Committed, Generation, InvalidRedisStore, KeySet, LeaseAttempt, Loaded,
    StoreError, TokenStore,
};

/// Keeps the record in a Redis or Valkey server (6 or later) that any number of hosts share.
///
/// The server gets the record encrypted and never sees a key: neither it nor its replicas, its
/// files and whoever watches it learn a token. A value that no key of ours opens, or that was
/// moved or changed, is left alone and is an error.
///
/// The right to renew is a key that ends by itself and is renewed at each third of its life. It
/// saves requests, and nothing rests on it: a commit counts only if the record is still the one
/// that it is based on, which the server checks and stores in one step.
///
/// A clone is another handle to the same store and uses the same connection. It is made with the
/// first use and made again when it breaks. While the server is away, every question fails at
/// once with [`StoreErrorKind::Unavailable`](crate::StoreErrorKind::Unavailable), and a connection
/// is tried after 100 ms, then less and less often, at least every 5 seconds.
///
/// What was seen once is not given up: a server that was wiped, or a replica that took over too
/// early, gets the newest known record again, under a higher generation.
///
/// Passwords in the URL are kept by the client library as well, which does not wipe its copies.
///
/// # Panics
///
/// None. Outside of a tokio runtime with time and I/O every question fails.
#[derive(Clone)]
pub struct RedisStore {
    protocol: Protocol<Remote>,
    binding: Binding,
}

impl RedisStore {
    /// Opens the store at this URL for this binding, with these keys: `rediss://user:password@host:port/database`,
    /// `redis://` for servers on this host, or `unix:///path?db=…&user=…&pass=…`.
    ///
    /// # Errors
    ///
    /// As [`RedisStoreBuilder::open`].
    pub fn open(
        url: impl Into<SecretString>,
        binding: Binding,
        keys: impl Into<Arc<KeySet>>,
    ) -> Result<Self, InvalidRedisStore> {
        Self::builder(url, binding, keys).open()
    }

    /// Opens the store with other settings.
    pub fn builder(
        url: impl Into<SecretString>,
        binding: Binding,
        keys: impl Into<Arc<KeySet>>,
    ) -> RedisStoreBuilder {
        RedisStoreBuilder::new(url.into(), binding, keys.into())
    }

    /// What the clock of the server says.
    ///
    /// # Errors
    ///
    /// When it did not answer, or not with a time.
    pub async fn server_time(&self) -> Result<SystemTime, StoreError> {
        let answer = self.protocol.shared.server.call(&Call::Time).await?;
        reply::time(answer)
    }

    /// Whose record it is.
    pub fn binding(&self) -> &Binding {
        &self.binding
    }
}

impl TokenStore for RedisStore {
    async fn load(&self) -> Result<Loaded, StoreError> {
        self.protocol.load().await
    }

    async fn commit(&self, commit: Commit) -> Result<Committed, StoreError> {
        self.protocol.commit(commit).await
    }

    async fn try_lease(&self, ttl: Duration) -> LeaseAttempt {
        self.protocol.try_lease(ttl).await
    }

    async fn changed(&self, since: Generation) {
        self.protocol.changed(since).await;
    }

    fn kind(&self) -> &'static str {
        self.protocol.kind()
    }
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore")
            .field("binding", &self.binding)
            .finish_non_exhaustive()
    }
}
