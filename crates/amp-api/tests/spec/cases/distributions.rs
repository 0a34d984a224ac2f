//! Distributions.

use amp_api::{
    ConfirmDistribution, Distribution, DistributionInstructions, NodeJson, TxData, operations,
};

use super::{ASSET, TXID};
use crate::case::Case;

const DISTRIBUTION: &str = "0d5f2a7e-1c3b-4e6d-8f90-a1b2c3d4e5f6";

pub(super) fn cases() -> Vec<Case> {
    let report = |txid: &str| ConfirmDistribution {
        tx_data: TxData::new(txid).with_details(vec![NodeJson::parse("{}").unwrap()]),
        change_data: vec![NodeJson::parse(r#"{"txid":"ab","vout":0}"#).unwrap()],
    };
    vec![
        Case::new(&operations::LIST_DISTRIBUTIONS, Distribution::list(ASSET))
            .refuses(Distribution::list("")),
        Case::new(
            &operations::CREATE_DISTRIBUTION,
            DistributionInstructions::create(ASSET),
        )
        .refuses(DistributionInstructions::create("")),
        Case::new(
            &operations::GET_DISTRIBUTION,
            Distribution::get(ASSET, DISTRIBUTION),
        )
        .refuses(Distribution::get("", DISTRIBUTION))
        .refuses(Distribution::get(ASSET, "")),
        Case::new(
            &operations::CONFIRM_DISTRIBUTION,
            report(TXID).call(ASSET, DISTRIBUTION),
        )
        .refuses(report(TXID).call("", DISTRIBUTION))
        .refuses(report(TXID).call(ASSET, ""))
        .refuses(report("").call(ASSET, DISTRIBUTION)),
        Case::ignored(
            &operations::CANCEL_DISTRIBUTION,
            Distribution::cancel(ASSET, DISTRIBUTION),
        )
        .refuses(Distribution::cancel("", DISTRIBUTION))
        .refuses(Distribution::cancel(ASSET, "")),
    ]
}
