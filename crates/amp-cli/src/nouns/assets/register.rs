//! `amp assets register` and `register-authorized`.

use amp_api::{Asset, Registration};

use crate::call::Wish;
use crate::error::Failure;

/// Publishes an asset in the registry.
pub(super) fn wish(asset: String) -> Result<Wish, Failure> {
    let wish = Wish::thing(Registration::call(&asset))?;
    Ok(wish.asking(format!(
        "This publishes the asset {asset} in the public registry for good."
    )))
}

/// Hands over the control of transfers.
pub(super) fn authorized(asset: String) -> Result<Wish, Failure> {
    let wish = Wish::thing(Asset::register_authorized(&asset))?;
    Ok(wish.asking(format!(
        "This hands the control of the transfers of the asset {asset} to the service for good."
    )))
}
