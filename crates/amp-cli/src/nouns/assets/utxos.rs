//! `amp assets utxos`: unspent outputs, and which of them may be spent.

use std::str::FromStr;

use amp_api::{Outpoint, Utxo};
use clap::{Args, Subcommand};

use super::AssetId;
use crate::call::Wish;
use crate::error::Failure;
use crate::nouns::Verb;

#[derive(Debug, Subcommand)]
pub(crate) enum UtxosVerb {
    /// The unspent outputs of an asset
    List(AssetId),
    /// Forbid to spend outputs
    Blacklist(OutputsArgs),
    /// Allow to spend outputs again
    Whitelist(OutputsArgs),
}

#[derive(Debug, Args)]
pub(crate) struct OutputsArgs {
    #[command(flatten)]
    asset: AssetId,
    /// The outputs: transaction and number
    #[arg(required = true, value_name = "TXID:VOUT")]
    outputs: Vec<Output>,
}

#[derive(Clone, Debug, PartialEq)]
struct Output(Outpoint);

impl FromStr for Output {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (txid, vout) = text.split_once(':').ok_or("expected TXID:VOUT")?;
        let vout: u32 = vout.parse().map_err(|_| "expected a number behind TXID:")?;
        Ok(Self(Outpoint::new(txid, vout.into())))
    }
}

impl OutputsArgs {
    fn outputs(self) -> Vec<Outpoint> {
        self.outputs.into_iter().map(|output| output.0).collect()
    }
}

impl Verb for UtxosVerb {
    fn wish(self) -> Result<Wish, Failure> {
        match self {
            Self::List(asset) => Wish::list(Utxo::list(&asset.asset_uuid)),
            Self::Blacklist(args) => {
                let asset = args.asset.asset_uuid.clone();
                Wish::list(Utxo::blacklist(&asset, &args.outputs()))
            }
            Self::Whitelist(args) => {
                let asset = args.asset.asset_uuid.clone();
                Wish::list(Utxo::whitelist(&asset, &args.outputs()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_output_is_a_transaction_and_a_number() {
        assert_eq!("ab:1".parse(), Ok(Output(Outpoint::new("ab", 1))));
        for nonsense in ["ab", "ab:", "ab:x", "ab:-1"] {
            assert!(nonsense.parse::<Output>().is_err(), "{nonsense}");
        }
    }
}
