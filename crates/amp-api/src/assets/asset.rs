//! One asset, and the operations that answer with it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::answer::json_answer;
use crate::check::check_texts;
use crate::wire::null_is_default;
use crate::{Call, InvalidRequest, operations};

/// One asset as the service describes it.
///
/// Keys that are not listed are ignored; a flag or list that is null or missing is false or empty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Asset {
    /// The name that was given at issuance.
    pub name: String,
    /// The service's own id of the asset; not the id on the chain.
    pub asset_uuid: String,
    /// The id of the issuer.
    #[serde(default)]
    pub issuer: Option<i64>,
    /// The id on the chain: 64 hex characters.
    pub asset_id: String,
    /// The id of the token that allows to issue more; `None` when the amount is final.
    #[serde(default)]
    pub reissuance_token_id: Option<String>,
    /// The categories that an owner must be in, by id.
    #[serde(default, deserialize_with = "null_is_default")]
    pub requirements: Vec<i64>,
    /// The short name.
    #[serde(default)]
    pub ticker: Option<String>,
    /// The digits after the decimal point, 0 to 8.
    #[serde(default, deserialize_with = "null_is_default")]
    pub precision: i64,
    /// The host name that vouches for the asset.
    #[serde(default)]
    pub domain: Option<String>,
    /// The issuer's public key, in hex.
    #[serde(default)]
    pub pubkey: Option<String>,
    /// Whether it is published in the asset registry.
    #[serde(default, deserialize_with = "null_is_default")]
    pub is_registered: bool,
    /// Whether transfers are authorised by the service.
    #[serde(default, deserialize_with = "null_is_default")]
    pub is_authorized: bool,
    /// Whether it is locked.
    #[serde(default, deserialize_with = "null_is_default")]
    pub is_locked: bool,
    /// The issuer's own authorisation service.
    #[serde(default)]
    pub issuer_authorization_endpoint: Option<String>,
    /// Whether transfers need an authorisation.
    #[serde(default, deserialize_with = "null_is_default")]
    pub transfer_restricted: bool,
}

impl Asset {
    /// Asks for all assets of the issuer or manager.
    ///
    /// # Errors
    ///
    /// None with this operation; the type is that of all constructors.
    pub fn list() -> Result<Call<Vec<Self>>, InvalidRequest> {
        Call::to(&operations::LIST_ASSETS, &[])
    }

    /// Asks for one asset.
    ///
    /// # Errors
    ///
    /// When the id is empty.
    pub fn get(asset_uuid: &str) -> Result<Call<Self>, InvalidRequest> {
        Call::to(&operations::GET_ASSET, &[asset_uuid])
    }

    /// Sets the issuer's own authorisation service, the one thing of an asset that can be changed.
    ///
    /// # Errors
    ///
    /// When the id or the address of the service is empty.
    pub fn edit(
        asset_uuid: &str,
        issuer_authorization_endpoint: &str,
    ) -> Result<Call<Self>, InvalidRequest> {
        let field = (
            "issuer_authorization_endpoint",
            issuer_authorization_endpoint,
        );
        check_texts(&[field])?;
        Call::with(
            &operations::EDIT_ASSET,
            &[asset_uuid],
            &BTreeMap::from([field]),
        )
    }

    /// Makes the service forget an asset; on the chain it stays. This cannot be undone.
    ///
    /// # Errors
    ///
    /// When the id is empty.
    pub fn delete(asset_uuid: &str) -> Result<Call<()>, InvalidRequest> {
        Call::to(&operations::DELETE_ASSET, &[asset_uuid])
    }

    /// Locks an asset. Locking twice is locking once.
    ///
    /// # Errors
    ///
    /// When the id is empty.
    pub fn lock(asset_uuid: &str) -> Result<Call<Self>, InvalidRequest> {
        Call::to(&operations::LOCK_ASSET, &[asset_uuid])
    }

    /// Unlocks an asset. Unlocking twice is unlocking once.
    ///
    /// # Errors
    ///
    /// When the id is empty.
    pub fn unlock(asset_uuid: &str) -> Result<Call<Self>, InvalidRequest> {
        Call::to(&operations::UNLOCK_ASSET, &[asset_uuid])
    }
}

json_answer! {
    Asset: "an asset";
    Vec<Asset>: "a list of assets";
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use token_core::Idempotency;

    use super::*;
    use crate::{Answer, Unreadable};

    fn read(body: &'static str) -> Result<Asset, Unreadable> {
        Asset::read(&Bytes::from_static(body.as_bytes()))
    }

    #[test]
    fn an_asset_is_read_with_nulls_missing_flags_and_unknown_keys() {
        let asset = read(
            r#"{"name":"Gold","asset_uuid":"u-1","issuer":7,"asset_id":"ab","requirements":null,
                "ticker":null,"precision":2,"is_locked":true,"investor_requirements":[1]}"#,
        )
        .unwrap();
        assert_eq!((asset.issuer, asset.precision), (Some(7), 2));
        assert!(asset.requirements.is_empty() && asset.ticker.is_none());
        assert!(asset.is_locked && !asset.is_registered);
    }

    #[test]
    fn an_asset_without_its_identity_is_refused() {
        assert!(read(r#"{"name":"Gold","asset_uuid":"u-1"}"#).is_err());
        assert!(read(r#"{"name":null,"asset_uuid":"u-1","asset_id":"ab"}"#).is_err());
    }

    // A-72
    #[test]
    fn an_empty_id_is_refused_before_any_request() {
        for make in [Asset::get, Asset::lock, Asset::unlock] {
            let error = make("").unwrap_err();
            assert_eq!(error, InvalidRequest::Argument("assetUuid"));
        }
    }

    #[test]
    fn reading_is_safe_and_locking_is_idempotent() {
        let class = |call: Result<Call<Asset>, _>| call.unwrap().request().idempotency();
        assert_eq!(class(Asset::get("u")), Idempotency::Safe);
        assert_eq!(class(Asset::lock("u")), Idempotency::Idempotent);
        assert_eq!(class(Asset::unlock("u")), Idempotency::Idempotent);
        assert_eq!(
            Asset::list().unwrap().request().idempotency(),
            Idempotency::Safe
        );
    }
}
