//! Where the demo plays: a service on real sockets, a clock, and a directory that goes with it.

use std::path::PathBuf;

use amp_client::{ApiClient, Credentials, FixedCredentials};
use amp_sandbox::{DEFAULT_PASSWORD, DEFAULT_USERNAME, Sandbox};
use anyhow::Context as _;
use tempfile::TempDir;
use token_store::{Binding, FileStore, TokenStore};

use super::clock::DemoClock;

pub(super) struct Stage {
    pub(super) sandbox: Sandbox,
    pub(super) clock: DemoClock,
    /// A client that keeps its token in the file.
    pub(super) client: ApiClient,
    directory: TempDir,
}

impl Stage {
    pub(super) async fn set() -> anyhow::Result<Self> {
        let sandbox = Sandbox::builder().start().await?;
        let directory = tempfile::Builder::new().prefix("amp-demo-").tempdir();
        let directory = directory.context("no directory for the token file")?;
        let clock = DemoClock::default();
        let store = file_store(&sandbox, &directory)?;
        let client = client(&sandbox, &clock, store).await?;
        Ok(Self {
            sandbox,
            clock,
            client,
            directory,
        })
    }

    /// One more client, with a store of its own.
    pub(super) async fn another_client(&self, store: impl TokenStore) -> anyhow::Result<ApiClient> {
        client(&self.sandbox, &self.clock, store).await
    }

    /// The store on the token file, as another process would open it.
    pub(super) fn file_store(&self) -> anyhow::Result<FileStore> {
        file_store(&self.sandbox, &self.directory)
    }

    pub(super) fn token_file(&self) -> PathBuf {
        path_in(&self.directory)
    }
}

async fn client(
    sandbox: &Sandbox,
    clock: &DemoClock,
    store: impl TokenStore,
) -> anyhow::Result<ApiClient> {
    let credentials = Credentials::new(DEFAULT_USERNAME, DEFAULT_PASSWORD);
    let client = ApiClient::builder()
        .base_url(sandbox.base_url())
        .credentials(FixedCredentials::new(credentials))
        .clock(clock.clone())
        .store(store);
    Ok(client.build().await?)
}

fn file_store(sandbox: &Sandbox, directory: &TempDir) -> anyhow::Result<FileStore> {
    let binding = Binding::new(sandbox.base_url(), DEFAULT_USERNAME)?;
    Ok(FileStore::open(path_in(directory), binding)?)
}

fn path_in(directory: &TempDir) -> PathBuf {
    directory.path().join("token.json")
}
