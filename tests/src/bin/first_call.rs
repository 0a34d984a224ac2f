//! One process that makes its first call with a shared token file: `first_call BASE_URL FILE`.
//! It says `ready`, waits for the end of its input, and calls.

use std::io::{Read, Write};

use amp_client::ApiClient;
use amp_sandbox::{DEFAULT_PASSWORD, DEFAULT_USERNAME};
use token_manager::{Credentials, FixedCredentials};
use token_store::{Binding, FileStore};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let base_url = arguments.next().ok_or("the base URL is missing")?;
    let file = arguments.next().ok_or("the token file is missing")?;
    let store = FileStore::open(file, Binding::new(&base_url, DEFAULT_USERNAME)?)?;
    let credentials = Credentials::new(DEFAULT_USERNAME, DEFAULT_PASSWORD);
    let client = ApiClient::builder()
        .base_url(&base_url)
        .credentials(FixedCredentials::new(credentials))
        .store(store)
        .build()
        .await?;
    let mut stdout = std::io::stdout();
    writeln!(stdout, "ready")?;
    stdout.flush()?;
    std::io::stdin().read_to_end(&mut Vec::new())?;
    client.get_assets().await?;
    Ok(())
}
