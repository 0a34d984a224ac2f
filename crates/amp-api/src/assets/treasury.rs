//! The addresses of an asset's treasury.

use serde::{Deserialize, Serialize};

use crate::answer::json_answer;
use crate::check::{check_list, check_texts};
use crate::{Call, InvalidRequest, Operation, operations};

/// The addresses whose outputs count as the issuer's.
///
/// Whether an address is one of this network is left to the judgement of the service (W-A36): a
/// list of prefixes would be wrong as soon as there is another network.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TreasuryAddresses(Vec<String>);

impl TreasuryAddresses {
    /// Asks for the addresses.
    ///
    /// # Errors
    ///
    /// When the id is empty.
    pub fn list(asset_uuid: &str) -> Result<Call<Self>, InvalidRequest> {
        Call::to(&operations::LIST_TREASURY_ADDRESSES, &[asset_uuid])
    }

    /// Adds addresses.
    ///
    /// # Errors
    ///
    /// When the id, the list or an address is empty.
    pub fn add(asset_uuid: &str, addresses: &[String]) -> Result<Call<()>, InvalidRequest> {
        change(&operations::ADD_TREASURY_ADDRESSES, asset_uuid, addresses)
    }

    /// Removes addresses.
    ///
    /// # Errors
    ///
    /// When the id, the list or an address is empty.
    pub fn delete(asset_uuid: &str, addresses: &[String]) -> Result<Call<()>, InvalidRequest> {
        change(
            &operations::DELETE_TREASURY_ADDRESSES,
            asset_uuid,
            addresses,
        )
    }

    /// The addresses.
    pub fn as_slice(&self) -> &[String] {
        &self.0
    }
}

fn change(
    operation: &Operation,
    asset_uuid: &str,
    addresses: &[String],
) -> Result<Call<()>, InvalidRequest> {
    check_list("addresses", addresses)?;
    for address in addresses {
        check_texts(&[("address", address)])?;
    }
    Call::with(operation, &[asset_uuid], addresses)
}

impl From<TreasuryAddresses> for Vec<String> {
    fn from(addresses: TreasuryAddresses) -> Self {
        addresses.0
    }
}

json_answer! {
    TreasuryAddresses: "a list of addresses";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BaseUrl, IssueAsset};

    /// One address of each kind: confidential and open, segwit and older, of the live network, the
    /// test network and networks of one's own.
    const ADDRESSES: [&str; 14] = [
        "lq1qqw3e3mk4ng3ks43mh54udznuekaadh9lgwef3mwgzrfzakmdwcvqp",
        "ex1qrqzrs2x3zhd7yjqp2xkv8gn8mhz5rn4zn0wdv3",
        "tlq1qq2xvpcvfup5j8zscjq05u2wxxjcyewk7979f3mmz5l7uw5pqmx6xf5",
        "tex1qrqzrs2x3zhd7yjqp2xkv8gn8mhz5rn4z9mk6q4",
        "el1qqw3e3mk4ng3ks43mh54udznuekaadh9lgwef3mwgzrfzakmdwcvqp",
        "ert1qrqzrs2x3zhd7yjqp2xkv8gn8mhz5rn4zj0ku5c",
        "VJLCUu2hpcjPaTGMnAdXSLaDhVNyqXtw1LvTWAFA",
        "VTpz4bBcHQ6ZTYHkgDVnQG9ywhNRSyMgBGSNo1zh",
        "vjTvpDMQx3EQ2bS3pmmy7RivU3QTjGyyJFJy1Y5b",
        "vtS5hTVAbDzqNkwqUCYSyR3oGGcEDmUPGVq3jKgs",
        "GymRmKcm4WJLK3B9qnGH5HJHmDdFPgFAb9",
        "FqzdySyCn2chSGPZmxVZ9sZY3mXeSaEQ5Q",
        "CTEw7oSCUWDfmfhCEdsB3gsG7D9b4xLCZEq71H8J",
        "2dbV7R2oLGX2KiMFFSvSyiKqJy7bRvnXhAE",
    ];

    // W-A36: upstream knew four prefixes, none of them of the test network.
    #[test]
    fn an_address_of_any_network_is_left_to_the_judgement_of_the_service() {
        let base = BaseUrl::parse("https://amp.example/api").unwrap();
        for address in ADDRESSES {
            let one = [address.to_owned()];
            for made in [
                TreasuryAddresses::add("u", &one),
                TreasuryAddresses::delete("u", &one),
            ] {
                let sent = made.unwrap().request().to_http(&base).unwrap();
                assert_eq!(sent.body(), &format!(r#"["{address}"]"#));
            }
            let issue = IssueAsset {
                name: "Gold coin".into(),
                amount: 1,
                destination_address: address.into(),
                domain: "gold.example".into(),
                ticker: "GOLD".into(),
                pubkey: "02".repeat(33),
                ..IssueAsset::default()
            };
            assert!(issue.call().is_ok(), "{address}");
        }
    }

    // A-72
    #[test]
    fn no_addresses_and_empty_ones_are_refused_before_any_request() {
        for addresses in [vec![], vec![" ".to_owned()]] {
            assert!(TreasuryAddresses::add("u", &addresses).is_err());
            assert!(TreasuryAddresses::delete("u", &addresses).is_err());
        }
    }
}
