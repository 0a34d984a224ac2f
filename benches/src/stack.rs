//! One request through a whole client: the clients that are compared, and what is measured of each.

mod bare;
mod job;
mod layers;
mod ours;

use amp_api::Asset;
use anyhow::{Result, bail, ensure};
use tokio::runtime::Runtime;

use bare::{HyperConn, HyperUtilJson};
use ours::Ours;

pub use job::{Job, Order};

/// What every client asks for.
pub const PATH: &str = "/api/assets";

/// The token of every client: 40 hexadecimal digits, as AMP's are.
pub const TOKEN: &str = "0123456789abcdef0123456789abcdef01234567";

/// What the server answers.
pub const ASSETS: &str = concat!(
    r#"[{"name":"Test asset","asset_uuid":"716cb816-6cc7-469d-a41f-f4ed1c0d2dce","issuer":11,"#,
    r#""asset_id":"c4a8a5a1c3d1b2d1ab1cbd7f0a9e8d7c6b5a49382716051423324150697887a6","#,
    r#""reissuance_token_id":null,"requirements":[],"ticker":"TEST","precision":8,"#,
    r#""domain":"amp.example","pubkey":null,"is_registered":true,"is_authorized":true,"#,
    r#""is_locked":false,"issuer_authorization_endpoint":null,"transfer_restricted":true}]"#,
);

/// One client that gets the assets and decodes them; a caller has one of it to himself.
pub trait Client: Sized + Send + 'static {
    /// The same client for one more caller: one of its own only where callers cannot share.
    fn another(&self) -> impl Future<Output = Result<Self>> + Send;

    /// Asks once.
    fn get(&mut self) -> impl Future<Output = Result<Vec<Asset>>> + Send;
}

/// Does a job with the client that the order names.
///
/// # Errors
///
/// When there is no such client, or a request fails.
pub fn run(order: &Order, runtime: &Runtime) -> Result<()> {
    let address = &order.address;
    match order.client.as_str() {
        "ours" => order.run(runtime, runtime.block_on(Ours::connect(address))?),
        "hyper_conn" => order.run(runtime, runtime.block_on(HyperConn::connect(address))?),
        "hyper_util_json" => order.run(runtime, HyperUtilJson::new(address)?),
        name if layers::NAMES.contains(&name) => layers::run(order, runtime),
        name => bail!("there is no client {name}"),
    }
}

/// Reads the answer of a client that leaves it to its caller.
///
/// # Errors
///
/// When it is no success, or not a list of assets.
pub fn decode(status: http::StatusCode, body: &[u8]) -> Result<Vec<Asset>> {
    ensure!(status.is_success(), "the server says {status}");
    Ok(serde_json::from_slice(body)?)
}

/// The header that carries the token.
///
/// # Errors
///
/// None with this token.
pub fn authorization() -> Result<http::HeaderValue> {
    Ok(format!("token {TOKEN}").try_into()?)
}
