//! What happened with an asset.

use amp_api::{Activity, AssetTransaction, HistoryFilter, SortOrder, operations};

use crate::case::Case;
use crate::cases::{ASSET, TXID};

pub(super) fn cases() -> Vec<Case> {
    let all = HistoryFilter::new();
    let some = HistoryFilter::new()
        .with_start(-20)
        .with_count(10)
        .with_sort_column("blockheight")
        .with_sort_order(SortOrder::Descending)
        .with_height_start(1)
        .with_height_stop(9);
    vec![
        Case::new(
            &operations::LIST_ASSET_ACTIVITIES,
            Activity::list(ASSET, &some),
        )
        .least(Activity::list(ASSET, &all))
        .refuses(Activity::list("", &all)),
        Case::new(
            &operations::LIST_ASSET_TRANSACTIONS,
            AssetTransaction::list(ASSET, &some),
        )
        .least(AssetTransaction::list(ASSET, &all))
        .refuses(AssetTransaction::list("", &all)),
        Case::new(
            &operations::GET_ASSET_TRANSACTION,
            AssetTransaction::get(ASSET, TXID),
        )
        .refuses(AssetTransaction::get("", TXID))
        .refuses(AssetTransaction::get(ASSET, "")),
    ]
}
