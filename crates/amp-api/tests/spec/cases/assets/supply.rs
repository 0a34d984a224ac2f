//! Issuing more of an asset, and burning some.

use amp_api::{
    BurnInstructions, ConfirmBurn, ConfirmReissue, NodeJson, Reissuance, ReissuanceOutput,
    ReissueInstructions, TxData, operations,
};

use crate::case::Case;
use crate::cases::{ASSET, TXID};

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case::new(&operations::LIST_ASSET_REISSUANCES, Reissuance::list(ASSET))
            .refuses(Reissuance::list("")),
        Case::new(
            &operations::REQUEST_REISSUE,
            ReissueInstructions::request(ASSET, 1),
        )
        .refuses(ReissueInstructions::request("", 1))
        .refuses(ReissueInstructions::request(ASSET, 0)),
        confirm_reissue(),
        Case::new(
            &operations::REQUEST_BURN,
            BurnInstructions::request(ASSET, 1),
        )
        .refuses(BurnInstructions::request("", 1))
        .refuses(BurnInstructions::request(ASSET, 0)),
        confirm_burn(),
    ]
}

fn json(text: &str) -> NodeJson {
    NodeJson::parse(text).unwrap()
}

fn confirm_reissue() -> Case {
    let report = |txid: &str, details| ConfirmReissue {
        details: json(details),
        reissuance_output: ReissuanceOutput {
            txid: txid.into(),
            vin: 0,
        },
        listissuances: vec![json(r#"{"txid":"ab"}"#)],
    };
    let full = report(TXID, r#"[{"amount":0.1}]"#);
    Case::new(&operations::CONFIRM_REISSUE, full.call(ASSET))
        .or(report(TXID, r#"{"amount":0.1}"#).call(ASSET))
        .refuses(full.call(""))
        .refuses(report("", "[]").call(ASSET))
}

fn confirm_burn() -> Case {
    let report = |txid: &str| ConfirmBurn {
        tx_data: TxData::new(txid).with_details(vec![json("{}")]),
        change_data: vec![json(r#"{"txid":"ab","vout":0}"#)],
    };
    let least = ConfirmBurn {
        tx_data: TxData::new(TXID),
        change_data: vec![],
    };
    Case::ignored(&operations::CONFIRM_BURN, report(TXID).call(ASSET))
        .least(least.call(ASSET))
        .refuses(least.call(""))
        .refuses(report("").call(ASSET))
}
