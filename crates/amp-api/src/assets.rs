//! Assets, and what happens to them.

mod activity;
mod asset;
mod balance;
mod blinders;
mod burn;
mod history;
mod issue;
mod memo;
mod ownership;
mod registration;
mod reissue;
mod summary;
mod transaction;
mod treasury;
mod utxo;

pub use activity::{Activity, ActivityKind};
pub use asset::Asset;
pub use balance::{AssetBalance, LostOutputs};
pub use blinders::UpdateBlinders;
pub use burn::{BurnInstructions, ConfirmBurn};
pub use history::{HistoryFilter, SortOrder};
pub use issue::{IssueAsset, IssuedAsset};
pub use memo::Memo;
pub use ownership::{Owner, Ownership};
pub use registration::Registration;
pub use reissue::{
    ConfirmReissue, ConfirmedReissue, Reissuance, ReissuanceOutput, ReissueInstructions,
};
pub use summary::AssetSummary;
pub use transaction::{
    AssetTransaction, AssetTransactionInput, AssetTransactionOutput, UnblindedUrl,
};
pub use treasury::TreasuryAddresses;
pub use utxo::{Outpoint, Utxo};
