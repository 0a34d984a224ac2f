//! One handle to a file, in the hands of the stores: synchronous work, and the same off the
//! runtime's threads.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle as Runtime;

use super::codec::Codec;
use super::inner::{Glance, Inner};
use super::options::Options;
use crate::{
    Binding, Commit, Committed, Generation, LeaseAttempt, Loaded, StoreError, StoreErrorKind,
};

/// What a file store is, whatever its codec.
#[derive(Clone)]
pub(crate) struct Handle(pub(crate) Arc<Inner>);

impl Handle {
    pub(crate) fn open(
        path: &Path,
        binding: Binding,
        codec: Box<dyn Codec>,
        options: Options,
    ) -> Result<Self, StoreError> {
        let (_, directory, name) = place_of(path)?;
        let inner = Inner::new(&directory, &name, binding, codec, options);
        Ok(Self(Arc::new(inner)))
    }

    pub(crate) fn read_now(&self) -> Result<Loaded, StoreError> {
        self.0.read()
    }

    pub(crate) fn commit_now(&self, commit: Commit) -> Result<Committed, StoreError> {
        self.0.commit(commit)
    }

    pub(crate) async fn load(&self) -> Result<Loaded, StoreError> {
        let inner = Arc::clone(&self.0);
        blocking(move || inner.read()).await?
    }

    pub(crate) async fn commit(&self, commit: Commit) -> Result<Committed, StoreError> {
        let inner = Arc::clone(&self.0);
        blocking(move || inner.commit(commit)).await?
    }

    pub(crate) async fn try_lease(&self) -> LeaseAttempt {
        let inner = Arc::clone(&self.0);
        let tried = blocking(move || inner.try_lease()).await;
        match tried {
            Ok(Ok(attempt)) => attempt,
            Ok(Err(error)) | Err(error) => LeaseAttempt::Unavailable(error),
        }
    }

    /// Looks every 10 to 50 ms, off the runtime's threads: a look takes microseconds on a local
    /// disk, but a network mount may hang. What cannot be read has not changed.
    pub(crate) async fn changed(&self, since: Generation) {
        loop {
            let inner = Arc::clone(&self.0);
            let glance = blocking(move || inner.glance()).await;
            if let Ok(Ok(Glance::Loaded(loaded) | Glance::Outdated(loaded))) = glance
                && loaded.generation != since
            {
                return;
            }
            let draw = getrandom::u32().unwrap_or(0) % 41;
            tokio::time::sleep(Duration::from_millis(10 + u64::from(draw))).await;
        }
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The path made absolute, its directory and its name.
pub(super) fn place_of(path: &Path) -> Result<(PathBuf, PathBuf, String), StoreError> {
    let absolute = std::path::absolute(path)
        .map_err(|error| StoreError::from_io("the path cannot be made absolute", path, error))?;
    let name = absolute.file_name().and_then(|name| name.to_str());
    let (Some(name), Some(directory)) = (name, absolute.parent()) else {
        let reason = "the path has no file name in Unicode";
        let kind = StoreErrorKind::UnsafePath;
        return Err(StoreError::at(kind, reason, path, None));
    };
    let (directory, name) = (directory.to_owned(), name.to_owned());
    Ok((absolute, directory, name))
}

/// Runs file work where it may block. Dropping the future does not stop work that has begun.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, StoreError> {
    let Ok(runtime) = Runtime::try_current() else {
        return Ok(work());
    };
    runtime.spawn_blocking(work).await.map_err(|_| {
        let reason = "the runtime ended before the storage work";
        StoreError::new(StoreErrorKind::Io, reason)
    })
}
