//! Telling the service the blinding factors of an output that it lacks.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::check::check_texts;
use crate::{Call, InvalidRequest, operations};

/// The blinding factors of one output. Debug output does not show them.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpdateBlinders {
    /// The transaction.
    pub txid: String,
    /// The number of its output.
    pub vout: i64,
    /// The blinding factor of the asset: 64 hex characters.
    pub asset_blinder: String,
    /// The blinding factor of the amount: 64 hex characters.
    pub amount_blinder: String,
}

impl UpdateBlinders {
    /// Tells the service.
    ///
    /// # Errors
    ///
    /// When a text is empty.
    pub fn call(&self, asset_uuid: &str) -> Result<Call<()>, InvalidRequest> {
        check_texts(&[
            ("txid", &self.txid),
            ("asset_blinder", &self.asset_blinder),
            ("amount_blinder", &self.amount_blinder),
        ])?;
        Call::with(&operations::UPDATE_ASSET_BLINDERS, &[asset_uuid], self)
    }
}

impl fmt::Debug for UpdateBlinders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UpdateBlinders")
            .field("txid", &self.txid)
            .field("vout", &self.vout)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // W-A05
    #[test]
    fn debug_output_hides_the_blinding_factors() {
        let blinders = UpdateBlinders {
            txid: "ab".into(),
            vout: 1,
            asset_blinder: "hunter2".into(),
            amount_blinder: "hunter2".into(),
        };
        let call = blinders.call("u").unwrap();
        assert!(!format!("{blinders:?} {call:?}").contains("hunter2"));
    }
}
