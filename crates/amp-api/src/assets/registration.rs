//! Publishing an asset in the registry, and handing over the control of its transfers.

use crate::{Asset, Call, ErrorBody, InvalidRequest, operations};

/// An asset is in the registry, either since now or since before.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "an asset is new there or not")]
pub enum Registration {
    /// It was registered by this call.
    Registered(Box<Asset>),
    /// It was registered already, perhaps by an earlier try of this call (A-70).
    AlreadyRegistered,
}

impl Registration {
    /// Asks to publish an asset in the registry. The domain's proof must be in place, and the
    /// issuance have two confirmations.
    ///
    /// Asking twice is asking once: [`of_refusal`](Self::of_refusal) reads the second answer.
    ///
    /// # Errors
    ///
    /// When the id is empty.
    pub fn call(asset_uuid: &str) -> Result<Call<Asset>, InvalidRequest> {
        Call::to(&operations::REGISTER_ASSET, &[asset_uuid])
    }

    /// The success that a refusal stands for, if it does: the asset is registered already (A-70).
    pub fn of_refusal(body: &ErrorBody) -> Option<Self> {
        says(body, "already registered").then_some(Self::AlreadyRegistered)
    }

    /// The asset, where this call registered it.
    pub fn asset(&self) -> Option<&Asset> {
        match self {
            Self::Registered(asset) => Some(asset),
            Self::AlreadyRegistered => None,
        }
    }
}

impl Asset {
    /// Hands the control of transfers to the service. [`is_already_authorized`] tells that it has
    /// it.
    ///
    /// # Errors
    ///
    /// When the id is empty.
    ///
    /// [`is_already_authorized`]: Self::is_already_authorized
    pub fn register_authorized(asset_uuid: &str) -> Result<Call<Self>, InvalidRequest> {
        Call::to(&operations::REGISTER_ASSET_AUTHORIZED, &[asset_uuid])
    }

    /// Whether a refusal of [`register_authorized`](Self::register_authorized) says that there is
    /// nothing left to do.
    pub fn is_already_authorized(refusal: &ErrorBody) -> bool {
        says(refusal, "already authorized")
    }
}

fn says(body: &ErrorBody, words: &str) -> bool {
    let message = body.message().unwrap_or_default();
    message.to_ascii_lowercase().contains(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    // A-70
    #[test]
    fn a_refusal_that_says_already_registered_in_any_case_is_a_success() {
        let cases = [
            (r#"{"Error":"Asset is already registered"}"#, true),
            (r#"{"error":"ALREADY REGISTERED."}"#, true),
            (
                r#"{"detail":"the asset was Already Registered in block 7"}"#,
                true,
            ),
            (r#""already registered""#, true),
            ("already registered", true),
            (r#"{"Error":"asset is not registered"}"#, false),
            (r#"{"detail":"Not found."}"#, false),
            ("<html>already registered</html>", false),
            ("", false),
        ];
        for (body, registered) in cases {
            let success = Registration::of_refusal(&ErrorBody::read(body.as_bytes()));
            assert_eq!(success.is_some(), registered, "{body}");
        }
        assert_eq!(Registration::of_refusal(&ErrorBody::Withheld), None);
    }

    #[test]
    fn a_refusal_that_says_already_authorized_leaves_nothing_to_do() {
        let body = |text: &str| ErrorBody::read(text.as_bytes());
        assert!(Asset::is_already_authorized(&body(
            r#"{"Error":"Asset is Already authorized"}"#
        )));
        assert!(!Asset::is_already_authorized(&body(r#"{"Error":"no"}"#)));
    }
}
