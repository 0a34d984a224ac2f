//! Client for a CIDX server: a call never fails, waits or leaks because of a token.
//!
//! A [`CidxClient`] logs in by itself, refreshes its ten-minute token ahead of its end, shares one
//! login among all callers, and leaves a login alone that keeps failing. It is the pieces below it
//! with the values of CIDX, and no model of the service: JSON is read into the caller's types.
//!
//! ```
//! use cidx_client::{CidxClient, Credentials, FixedCredentials};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let sandbox = amp_sandbox::Sandbox::builder().cidx().credentials("ann", "secret").start().await?;
//! let credentials = FixedCredentials::new(Credentials::new("ann", "secret"));
//! let client = CidxClient::builder(sandbox.base_url(), credentials).build().await?;
//! let found: serde_json::Value = client.get_json("/api/repos").await?;
//! assert_eq!(found["total"], 1);
//! # Ok(())
//! # }
//! ```
//!
//! A [`Project`] keeps token and password in encrypted files, so that one short command after the
//! other works with one login.
//!
//! # Features
//!
//! - `cidx-import`: [`Project::token_store`] takes over what the CIDX client itself left there.
//!
//! `amp-client` is the same for the Blockstream AMP API.

mod builder;
mod client;
mod error;
mod project;
mod stack;

pub use builder::CidxClientBuilder;
pub use client::CidxClient;
pub use error::CidxError;
pub use project::Project;
pub use token_manager::{CredentialSource, Credentials, EnvCredentials, FixedCredentials};
