//! The Blockstream AMP API as values.
//!
//! One row per operation ([`operations`]) says method, path, whether a token is needed, whether the
//! bodies hold secrets, and how safe it is to send the request once more. On top of the rows lie
//! typed requests and answers. A [`Request`] meets a [`BaseUrl`] and becomes an HTTP request; an
//! [`Answer`] reads a body; an [`ErrorBody`] finds the message in a refusal.
//!
//! The crate does no I/O, keeps no state, and knows neither tokens nor retries: `amp-client` sends.
//!
//! ```
//! use amp_api::{Answer, Asset, BaseUrl};
//!
//! let base = BaseUrl::parse("https://amp-test.blockstream.com/api/")?;
//! let call = Asset::get("5b1ed8a4")?;
//! let request = call.request().to_http(&base)?;
//! assert_eq!(request.uri(), "https://amp-test.blockstream.com/api/assets/5b1ed8a4");
//!
//! let body = br#"{"name":"Gold","asset_uuid":"5b1ed8a4","asset_id":"ab"}"#;
//! let asset = Asset::read(&body.to_vec().into())?;
//! assert_eq!(asset.name, "Gold");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Features
//!
//! None.

mod answer;
mod assets;
mod assignments;
mod base_url;
mod call;
mod categories;
mod check;
mod coin_amount;
mod distributions;
mod error_body;
mod gaids;
mod general;
mod managers;
mod node;
mod operation;
pub mod operations;
mod registered_users;
mod request;
mod secret_body;
mod transactions;
mod user;
mod wire;
mod word;

pub use answer::{Answer, Unreadable};
pub use assets::{
    Activity, ActivityKind, Asset, AssetBalance, AssetSummary, AssetTransaction,
    AssetTransactionInput, AssetTransactionOutput, BurnInstructions, ConfirmBurn, ConfirmReissue,
    ConfirmedReissue, HistoryFilter, IssueAsset, IssuedAsset, LostOutputs, Memo, Outpoint, Owner,
    Ownership, Registration, Reissuance, ReissuanceOutput, ReissueInstructions, SortOrder,
    TreasuryAddresses, UnblindedUrl, UpdateBlinders, Utxo,
};
pub use assignments::{Assignment, AssignmentFilter, CreateAssignment};
pub use base_url::{BaseUrl, InvalidBaseUrl};
pub use call::Call;
pub use categories::{AddCategory, Category, EditCategory};
pub use coin_amount::{CoinAmount, InvalidCoinAmount};
pub use distributions::{
    ConfirmDistribution, ConfirmationStatus, Distribution, DistributionAssignment,
    DistributionInstructions, DistributionTransaction,
};
pub use error_body::ErrorBody;
pub use gaids::{GaidAddress, GaidBalanceEntry, GaidValidation};
pub use general::{Changelog, Info};
pub use managers::{CreateManager, Manager};
pub use node::{NodeJson, NotJson, TxData};
pub use operation::{Auth, Confidence, Operation};
pub use registered_users::{
    AddRegisteredUser, EditRegisteredUser, RegisteredUser, RegisteredUserSummary,
};
pub use request::{InvalidRequest, Request};
pub use transactions::Broadcast;
pub use user::{ChangedPassword, IssuedToken, ObtainToken};
