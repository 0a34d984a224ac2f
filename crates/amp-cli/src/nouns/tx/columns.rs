//! How broadcast transactions look.

use amp_api::Broadcast;

use crate::show::{Field, Shown, or_dash};

impl Shown for Broadcast {
    const FIELDS: &'static [Field<Self>] = &[
        Field::alone("txid", |tx| tx.txid.clone()),
        Field::alone("hex", |tx| or_dash(tx.hex.as_deref())),
    ];
}
