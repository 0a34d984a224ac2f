//! Broadcasting transactions.

use amp_api::{Broadcast, operations};

use super::TXID;
use crate::case::Case;

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case::new(&operations::GET_BROADCAST_STATUS, Broadcast::status(TXID))
            .refuses(Broadcast::status("")),
        Case::new(&operations::BROADCAST_TRANSACTION, Broadcast::send("0200")),
    ]
}
