//! What an Elements node said and the service wants to hear.

mod json;
mod tx_data;

pub use json::{NodeJson, NotJson};
pub use tx_data::TxData;
pub(crate) use tx_data::check_change;
