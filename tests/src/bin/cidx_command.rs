//! One CIDX command: `cidx_command SERVER PROJECT KEY_FILE USER [dies]`.
//!
//! It says `ready`, waits for the end of its input, makes one call with the token of the project,
//! or with its password, and says what it found. With `dies` it is killed where an answer of the server has arrived and
//! nothing of it is stored.

use std::io::{Read, Write};
use std::path::Path;
use std::process;
use std::time::Duration;

use cidx_client::{CidxClient, Project};
use serde_json::Value;
use token_store::{
    Change, Commit, Committed, EncryptedFileStore, Generation, KeySet, LeaseAttempt, Loaded,
    SharedTokenStore, StoreError, TokenStore, read_key_file,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().ok_or("an argument is missing");
    let (server, root, key_file, user) = (next()?, next()?, next()?, next()?);
    let keys = KeySet::new(read_key_file(Path::new(&key_file))?);
    let project = Project::new(Path::new(&root), &server, &user, keys)?;
    let store = project.token_store()?;
    let store = match next() {
        Ok(_) => SharedTokenStore::new(Dies(store)),
        Err(_) => SharedTokenStore::new(store),
    };
    let client = CidxClient::builder(&server, project.credentials()?);
    let client = client.store(store).build().await?;
    say("ready")?;
    std::io::stdin().read_to_end(&mut Vec::new())?;
    let found: Value = client.get_json("/api/repos").await?;
    say(&found["total"].to_string())?;
    client.close().await;
    Ok(())
}

fn say(text: &str) -> std::io::Result<()> {
    let mut stdout = std::io::stdout();
    writeln!(stdout, "{text}")?;
    stdout.flush()
}

/// A store on which the process dies before it keeps a token.
#[derive(Debug)]
struct Dies(EncryptedFileStore);

impl TokenStore for Dies {
    async fn load(&self) -> Result<Loaded, StoreError> {
        self.0.load().await
    }

    async fn commit(&self, commit: Commit) -> Result<Committed, StoreError> {
        match commit.change {
            Change::Put(_) => process::abort(),
            Change::Clear => self.0.commit(commit).await,
        }
    }

    async fn try_lease(&self, ttl: Duration) -> LeaseAttempt {
        self.0.try_lease(ttl).await
    }

    async fn changed(&self, since: Generation) {
        self.0.changed(since).await;
    }

    fn kind(&self) -> &'static str {
        self.0.kind()
    }
}
