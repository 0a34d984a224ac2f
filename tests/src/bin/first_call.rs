//! One process that makes its first call with a shared token file: `first_call BASE_URL KIND FILE`.
//! It says `ready`, waits for the end of its input, and calls.

use std::io::Read;
use std::path::Path;
use std::time::Duration;

use amp_client::ApiClient;
use amp_sandbox::{DEFAULT_PASSWORD, DEFAULT_USERNAME};
use integration_tests::rig::say;
use integration_tests::stores::{Kind, Store};
use token_manager::{Credentials, FixedCredentials};
use token_store::Durability;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().ok_or("first_call: an argument is missing");
    let (base_url, kind, file) = (next()?, next()?.parse::<Kind>()?, next()?);
    let patience = Duration::from_secs(60);
    let credentials = Credentials::new(DEFAULT_USERNAME, DEFAULT_PASSWORD);
    let builder = ApiClient::builder()
        .base_url(&base_url)
        .credentials(FixedCredentials::new(credentials));
    let builder = match kind.open(Path::new(&file), Durability::Full, patience)? {
        Store::Plain(store) => builder.store(store),
        Store::Encrypted(store) => builder.store(store),
        Store::Wrong(_) => return Err("first_call: a wrong store has no lease".into()),
    };
    let client = builder.build().await?;
    say("ready");
    std::io::stdin().read_to_end(&mut Vec::new())?;
    client.get_assets().await?;
    Ok(())
}
