//! `amp assets register` and `register-authorized`.

use amp_api::{Asset, Registration};

use crate::call::{Reveal, Wish};
use crate::error::Failure;
use crate::output::Output;

/// Publishes an asset in the registry.
pub(super) fn wish(asset: String) -> Result<Wish, Failure> {
    let risk = format!("This publishes the asset {asset} in the public registry for good.");
    let request = Registration::call(&asset)?.request().clone();
    let wish = Wish::new(vec![request], move |client, _| async move {
        let registration = client.register_asset(&asset).await?;
        Ok(Box::new(move |output: &Output| match registration.asset() {
            Some(asset) => output.thing(asset),
            None => output.done("The asset is in the registry already"),
        }) as Reveal)
    });
    Ok(wish.asking(risk))
}

/// Hands over the control of transfers.
pub(super) fn authorized(asset: String) -> Result<Wish, Failure> {
    let risk = format!(
        "This hands the control of the transfers of the asset {asset} to the service for good."
    );
    let request = Asset::register_authorized(&asset)?.request().clone();
    let wish = Wish::new(vec![request], move |client, _| async move {
        let authorized = client.register_asset_authorized(&asset).await?;
        Ok(Box::new(move |output: &Output| output.thing(&authorized)) as Reveal)
    });
    Ok(wish.asking(risk))
}
