//! Client for the Blockstream AMP API: a call never fails, waits or leaks because of a token.
//!
//! An [`ApiClient`] logs in by itself, renews its token ahead of its end, shares one login among
//! all callers, obeys a 429 with all of them, and sends a request again only where that cannot do
//! a thing twice. It composes the crates below it and adds three things: settings from the
//! environment ([`Config`]), the one stack that every request goes through, and errors that say
//! what to do next ([`Error`]).
//!
//! It is not a model of the service (`amp-api` is) and decides nothing about tokens
//! (`token-manager` does) or repetitions (`retry` does).
//!
//! ```no_run
//! use amp_client::{ApiClient, Error};
//!
//! # async fn example() -> Result<(), Error> {
//! // AMP_USERNAME and AMP_PASSWORD are read when a token is needed.
//! let client = ApiClient::new().await?;
//! for asset in client.get_assets().await? {
//!     println!("{} {}", asset.asset_uuid, asset.name);
//! }
//! client.close().await;
//! # Ok(())
//! # }
//! ```
//!
//! Without any environment:
//!
//! ```
//! use amp_client::{ApiClient, Credentials, FixedCredentials};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let sandbox = amp_sandbox::Sandbox::builder().credentials("issuer", "secret").start().await?;
//! let client = ApiClient::builder()
//!     .base_url(sandbox.base_url())
//!     .credentials(FixedCredentials::new(Credentials::new("issuer", "secret")))
//!     .build()
//!     .await?;
//! let assets = client.get_assets().await?;
//! assert!(!assets.is_empty());
//! assert_eq!(sandbox.count("POST", "/user/obtain_token"), 1);
//! # Ok(())
//! # }
//! ```
//!
//! # Features
//!
//! Each forwards to one crate:
//! - `http2`, `proxy`, `ring`, `webpki-roots` (defaults): HTTP/2 where the service chooses it, the proxy
//!   that the environment names, the cryptography of TLS, and the authorities that browsers trust.
//! - `aws-lc-rs`: the other cryptography, for builds without `ring`.
//! - `native-roots`: the choice to trust what the system trusts.
//! - `keyring`: tokens, or the key of an encrypted token file, in the keyring of the operating system.
//! - `redis`: tokens on a Redis server that hosts share.
//! - `metrics`: `TokenMetrics`, which counts what the token manager does.
//!
//! # Neighbours
//!
//! `amp-api` has the requests and answers, `token-manager` the tokens, `token-store` the file,
//! `retry` and `transport` what a request goes through. The `amp` command is built on this crate.

mod batch;
mod client;
mod config;
mod credentials;
mod environment;
mod error;
mod mock_token;
mod polling;
mod reply;
mod stack;
mod store;
mod vars;

pub use batch::{BatchError, BatchProgress};
pub use client::{ApiClient, ApiClientBuilder, TokenStrategy};
pub use config::{Config, ConfigBuilder, ConfigError, DEFAULT_BASE_URL, LIVE_HOST};
pub use credentials::env_credentials;
pub use environment::{Environment, Persistence, contains_mock_words};
pub use error::{ApiError, CallFacts, Error, ErrorKind};
pub use polling::{NotYet, Polling};
pub use reply::Reply;

pub use amp_api::{
    Activity, ActivityKind, AddCategory, AddRegisteredUser, Asset, AssetBalance, AssetSummary,
    AssetTransaction, AssetTransactionInput, AssetTransactionOutput, Assignment, AssignmentFilter,
    BaseUrl, Broadcast, BurnInstructions, Call, Category, ChangedPassword, Changelog, CoinAmount,
    ConfirmBurn, ConfirmDistribution, ConfirmReissue, ConfirmationStatus, ConfirmedReissue,
    CreateAssignment, CreateManager, Distribution, DistributionAssignment,
    DistributionInstructions, DistributionTransaction, EditCategory, EditRegisteredUser,
    GaidAddress, GaidBalanceEntry, GaidValidation, HistoryFilter, Info, InvalidRequest, IssueAsset,
    IssuedAsset, LostOutputs, Manager, NodeJson, Operation, Outpoint, Owner, Ownership,
    RegisteredUser, RegisteredUserSummary, Registration, Reissuance, ReissuanceOutput,
    ReissueInstructions, Request, SortOrder, TxData, UnblindedUrl, Unreadable, UpdateBlinders,
    Utxo, operations,
};
pub use retry::{AttemptEnd, CallEnd, CallObserver, CircuitBreaker, RetryWait};
pub use token_core::{AccessToken, RetryConfig, TokenError, TokenInfo};
#[cfg(feature = "metrics")]
pub use token_manager::TokenMetrics;
pub use token_manager::{
    CredentialSource, Credentials, EnvCredentials, FixedCredentials, TokenEvent, TokenEvents,
    TokenManager, TokenStatus,
};
pub use token_store::{InvalidRedisStore, InvalidStore, RedisUrl, StoreKind};
#[cfg(feature = "proxy")]
pub use transport::Proxy;

/// Compiles the examples of the front page.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
