//! The clients of other people that our stack is measured against: they get the same assets from the
//! same server with the same header, and decode the same JSON into the same type.

use amp_api::Asset;
use anyhow::{Result, bail};
use benches::stack::{Client, Order, PATH, authorization};
use http::HeaderValue;
use http::header::AUTHORIZATION;
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware};
use reqwest_retry::RetryTransientMiddleware;
use reqwest_retry::policies::ExponentialBackoff;
use tokio::runtime::Runtime;

/// Does a job with the client that the order names.
///
/// # Errors
///
/// When there is no such client, or a request fails.
pub fn run(order: &Order, runtime: &Runtime) -> Result<()> {
    let url = format!("{}{PATH}", order.address);
    let authorization = authorization()?;
    let client = reqwest::Client::builder().build()?;
    match order.client.as_str() {
        "reqwest" => {
            let client = Plain {
                client,
                url,
                authorization,
            };
            order.run(runtime, client)
        }
        "reqwest_retry" => {
            let policy = ExponentialBackoff::builder().build_with_max_retries(3);
            let retry = RetryTransientMiddleware::new_with_policy(policy);
            let client = Retrying {
                client: ClientBuilder::new(client).with(retry).build(),
                url,
                authorization,
            };
            order.run(runtime, client)
        }
        name => bail!("there is no peer {name}"),
    }
}

/// reqwest with its defaults.
#[derive(Clone, Debug)]
struct Plain {
    client: reqwest::Client,
    url: String,
    authorization: HeaderValue,
}

impl Client for Plain {
    async fn another(&self) -> Result<Self> {
        Ok(self.clone())
    }

    async fn get(&mut self) -> Result<Vec<Asset>> {
        let request = self.client.get(&self.url);
        let request = request.header(AUTHORIZATION, self.authorization.clone());
        let answer = request.send().await?.error_for_status()?;
        Ok(answer.json().await?)
    }
}

/// reqwest-retry around it.
#[derive(Clone, Debug)]
struct Retrying {
    client: ClientWithMiddleware,
    url: String,
    authorization: HeaderValue,
}

impl Client for Retrying {
    async fn another(&self) -> Result<Self> {
        Ok(self.clone())
    }

    async fn get(&mut self) -> Result<Vec<Asset>> {
        let request = self.client.get(&self.url);
        let request = request.header(AUTHORIZATION, self.authorization.clone());
        let answer = request.send().await?.error_for_status()?;
        Ok(answer.json().await?)
    }
}
