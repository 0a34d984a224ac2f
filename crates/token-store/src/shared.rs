//! One store in the hands of many.

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use crate::{Commit, Committed, Generation, LeaseAttempt, Loaded, StoreError, TokenStore};

/// Any store, shared: a clone is a reference count.
#[derive(Clone, Debug)]
pub struct SharedTokenStore(Arc<dyn DynTokenStore>);

impl SharedTokenStore {
    /// Shares this store.
    pub fn new(store: impl TokenStore) -> Self {
        Self(Arc::new(store))
    }
}

impl TokenStore for SharedTokenStore {
    fn load(&self) -> impl Future<Output = Result<Loaded, StoreError>> + Send {
        self.0.load()
    }

    fn commit(&self, commit: Commit) -> impl Future<Output = Result<Committed, StoreError>> + Send {
        self.0.commit(commit)
    }

    fn try_lease(&self, ttl: Duration) -> impl Future<Output = LeaseAttempt> + Send {
        self.0.try_lease(ttl)
    }

    fn changed(&self, since: Generation) -> impl Future<Output = ()> + Send {
        self.0.changed(since)
    }

    fn kind(&self) -> &'static str {
        self.0.kind()
    }
}

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The boxed twin of [`TokenStore`], so that implementors never box.
trait DynTokenStore: Debug + Send + Sync {
    fn load(&self) -> BoxFuture<'_, Result<Loaded, StoreError>>;
    fn commit(&self, commit: Commit) -> BoxFuture<'_, Result<Committed, StoreError>>;
    fn try_lease(&self, ttl: Duration) -> BoxFuture<'_, LeaseAttempt>;
    fn changed(&self, since: Generation) -> BoxFuture<'_, ()>;
    fn kind(&self) -> &'static str;
}

impl<S: TokenStore> DynTokenStore for S {
    fn load(&self) -> BoxFuture<'_, Result<Loaded, StoreError>> {
        Box::pin(TokenStore::load(self))
    }

    fn commit(&self, commit: Commit) -> BoxFuture<'_, Result<Committed, StoreError>> {
        Box::pin(TokenStore::commit(self, commit))
    }

    fn try_lease(&self, ttl: Duration) -> BoxFuture<'_, LeaseAttempt> {
        Box::pin(TokenStore::try_lease(self, ttl))
    }

    fn changed(&self, since: Generation) -> BoxFuture<'_, ()> {
        Box::pin(TokenStore::changed(self, since))
    }

    fn kind(&self) -> &'static str {
        TokenStore::kind(self)
    }
}
