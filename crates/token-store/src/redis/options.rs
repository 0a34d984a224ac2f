//! How a Redis store behaves.

use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::watch;

use super::RedisStore;
use super::codec::Codec;
use super::dial::Dialer;
use super::keys::Keys;
use super::remote::Remote;
use super::scripts::Scripts;
use super::shared::{Shared, WaitFor};
use super::store::Protocol;
use crate::{Binding, InvalidRedisStore, KeySet, RedisUrl, Sealer};

/// The settings of a [`RedisStore`].
#[derive(Debug)]
pub struct RedisStoreBuilder {
    url: Result<RedisUrl, InvalidRedisStore>,
    binding: Binding,
    keys: Arc<KeySet>,
    allow_plain_text: bool,
    connect_timeout: Duration,
    response_timeout: Duration,
    retention: Duration,
    wait: Option<WaitFor>,
    scripts: Scripts,
    #[cfg(feature = "redis-tls")]
    authorities: Option<Vec<u8>>,
}

impl RedisStoreBuilder {
    pub(crate) fn new(url: SecretString, binding: Binding, keys: Arc<KeySet>) -> Self {
        Self::at(RedisUrl::read(url.expose_secret()), binding, keys)
    }

    /// The same for an address that was read before, or could not be.
    pub(crate) fn at(
        url: Result<RedisUrl, InvalidRedisStore>,
        binding: Binding,
        keys: Arc<KeySet>,
    ) -> Self {
        Self {
            url,
            binding,
            keys,
            allow_plain_text: false,
            connect_timeout: Duration::from_secs(1),
            response_timeout: Duration::from_millis(500),
            retention: Duration::from_secs(30 * 86_400),
            wait: None,
            scripts: Scripts::default(),
            #[cfg(feature = "redis-tls")]
            authorities: None,
        }
    }

    /// Speaks to servers on other hosts without TLS. The password and everybody's lease are open
    /// to the network then; the records stay encrypted. Default: no.
    #[must_use]
    pub fn allow_plain_text(mut self, allow: bool) -> Self {
        self.allow_plain_text = allow;
        self
    }

    /// The longest time until a connection is made, TLS and login included. Default: 1 second.
    #[must_use]
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// The longest wait for one answer. Default: 500 milliseconds.
    #[must_use]
    pub fn response_timeout(mut self, timeout: Duration) -> Self {
        self.response_timeout = timeout;
        self
    }

    /// How long a record is kept after its token has ended: its refresh token may live longer, and
    /// its generation must. Default: 30 days.
    #[must_use]
    pub fn retention(mut self, retention: Duration) -> Self {
        self.retention = retention;
        self
    }

    /// Waits after each commit until this many replicas have it, and calls it durable only then.
    /// The wait must be shorter than the response time-out. Default: no wait, and no commit is
    /// called durable, because the server's disk cannot be seen from here.
    #[must_use]
    pub fn wait_for_replicas(mut self, replicas: u8, at_most: Duration) -> Self {
        self.wait = Some(WaitFor { replicas, at_most });
        self
    }

    /// Trusts servers with a certificate of these authorities (PEM), and no others. Default: the
    /// authorities that browsers trust.
    #[cfg(feature = "redis-tls")]
    #[must_use]
    pub fn authorities(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.authorities = Some(pem.into());
        self
    }

    /// A store that overwrites whatever it finds: what a test of lost updates must find.
    #[cfg(any(test, feature = "test-util"))]
    #[must_use]
    pub fn without_compare(mut self) -> Self {
        self.scripts = Scripts::without_checks();
        self
    }

    /// Opens the store. Nothing is connected yet: that happens with the first use.
    ///
    /// # Errors
    ///
    /// [`InvalidRedisStore`]
    pub fn open(self) -> Result<RedisStore, InvalidRedisStore> {
        let keys = Keys::new(&self.binding).ok_or(InvalidRedisStore::Namespace)?;
        let url = self.url?;
        if !self.allow_plain_text {
            url.refuse_plain_text()?;
        }
        if url.is_tls() && !cfg!(feature = "redis-tls") {
            return Err(InvalidRedisStore::NoTls);
        }
        let dialer = Dialer {
            url,
            allow_plain_text: self.allow_plain_text,
            channel: keys.channel.clone(),
            response_timeout: self.response_timeout,
            told: watch::Sender::new(0),
            #[cfg(feature = "redis-tls")]
            tls: super::tls::Tls::new(self.authorities.as_deref())?,
        };
        let codec = Codec::new(Sealer::new(self.keys, &self.binding));
        let remote = Remote::new(
            dialer,
            self.connect_timeout,
            keys,
            self.retention,
            self.scripts,
        );
        let shared = Shared::new(remote, codec, self.wait);
        let protocol = Protocol {
            shared: Arc::new(shared),
        };
        Ok(RedisStore {
            protocol,
            binding: self.binding,
        })
    }
}
