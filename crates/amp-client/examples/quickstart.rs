//! The shortest way: settings and credentials from the environment, and a call.
//!
//! ```console
//! AMP_USERNAME=… AMP_PASSWORD=… cargo run -p amp-client --example quickstart
//! ```
//!
//! It asks the AMP test service; with `AMP_API_BASE_URL`, the one at that address, such as the one
//! that `amp sandbox` prints.
#![expect(clippy::print_stdout, reason = "its output is the list")]

use amp_client::{ApiClient, Error};

async fn tickers(client: &ApiClient) -> Result<Vec<String>, Error> {
    let assets = client.get_assets().await?;
    let ticker = |asset: amp_client::Asset| asset.ticker.unwrap_or(asset.name);
    Ok(assets.into_iter().map(ticker).collect())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let client = ApiClient::new().await?;
    for ticker in tickers(&client).await? {
        println!("{ticker}");
    }
    // What the client was about to keep is kept now.
    client.close().await;
    Ok(())
}

#[cfg(test)]
mod tests {
    use amp_client::{Credentials, FixedCredentials};
    use amp_sandbox::{DEFAULT_PASSWORD, DEFAULT_USERNAME, Sandbox};

    use super::*;

    #[tokio::test]
    async fn the_sandbox_has_three_assets() {
        let sandbox = Sandbox::builder().start().await.unwrap();
        let credentials = Credentials::new(DEFAULT_USERNAME, DEFAULT_PASSWORD);
        let client = ApiClient::builder()
            .base_url(sandbox.base_url())
            .credentials(FixedCredentials::new(credentials));
        let client = client.build().await.unwrap();
        assert_eq!(tickers(&client).await.unwrap(), ["HBOND", "ORCH", "TIN"]);
    }
}
