//! An asset is issued and handed out to its holders.
//!
//! ```console
//! cargo run -p amp-client --example distribute
//! ```
//!
//! It takes a node that holds the asset to pay with. This one runs on the embedded service, which
//! plays the node; with one of your own, `pay` is `sendmany`, `gettransaction` after two
//! confirmations, and `listunspent`.
#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::error::Error;

use amp_client::{
    AddRegisteredUser, ApiClient, ConfirmDistribution, CreateAssignment, Credentials,
    DistributionInstructions, FixedCredentials, IssueAsset, Polling,
};
use amp_sandbox::{DEFAULT_PASSWORD, DEFAULT_USERNAME, NodeCommand, Sandbox};

/// Issues an asset and hands out this much to each wallet; the answer is its id.
async fn issue_and_distribute(
    client: &ApiClient,
    holders: &[(String, i64)],
    pay: impl Fn(&DistributionInstructions) -> Result<ConfirmDistribution, Box<dyn Error>>,
) -> Result<String, Box<dyn Error>> {
    // Sent again only where the service certainly did not act. When this fails and
    // `error.call()` says that it may have been sent, look before you issue it again.
    let asset = client.issue_asset(&share()).await?.asset_uuid;

    let mut assignments = Vec::new();
    for (number, (gaid, amount)) in holders.iter().enumerate() {
        let holder = AddRegisteredUser {
            name: format!("Holder {number}"),
            gaid: Some(gaid.clone()),
            ..AddRegisteredUser::default()
        };
        assignments.push(CreateAssignment {
            registered_user: client.add_registered_user(&holder).await?.id,
            amount: *amount,
            ready_for_distribution: Some(true),
            ..CreateAssignment::default()
        });
    }

    // One request each. An error says which are there, which may be, and which were not tried.
    let created = client.create_asset_assignments(&asset, &assignments).await;
    if let Err(failure) = &created {
        println!("{} were created, then: {failure}", failure.done().len());
    }
    created?;

    let instructions = client.create_distribution(&asset).await?;
    let report = pay(&instructions)?;
    let id = &instructions.distribution_uuid;
    // Reporting the same transaction twice is reporting it once.
    client.confirm_distribution(&asset, id, &report).await?;
    let polling = Polling::new();
    client.wait_for_distribution(&asset, id, &polling).await?;
    Ok(asset)
}

fn share() -> IssueAsset {
    IssueAsset {
        name: "Harbour Share".into(),
        amount: 1_000_000,
        destination_address:
            "vjTvpDMQx3EQ2bS3pmmy7RivU3QTjGyyJFJy1Y5basdKmwpW3R4YRdsxFNT7B3bPNmJkgKCRCS63AtjR"
                .into(),
        domain: "harbour.example".into(),
        ticker: "HARB".into(),
        pubkey: "02".repeat(33),
        ..IssueAsset::default()
    }
}

/// A client of the embedded service.
async fn client(sandbox: &Sandbox) -> Result<ApiClient, amp_client::Error> {
    let credentials = Credentials::new(DEFAULT_USERNAME, DEFAULT_PASSWORD);
    ApiClient::builder()
        .base_url(sandbox.base_url())
        .credentials(FixedCredentials::new(credentials))
        .build()
        .await
}

/// What the embedded service's node does with the instructions.
fn paid(
    sandbox: &Sandbox,
    instructions: &DistributionInstructions,
) -> Result<ConfirmDistribution, Box<dyn Error>> {
    let order = serde_json::to_string(instructions)?;
    let report = sandbox.node(NodeCommand::Send, &order)?;
    Ok(serde_json::from_str(&report)?)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let sandbox = Sandbox::builder().start().await?;
    let client = client(&sandbox).await?;
    let holders = [(sandbox.new_gaid(), 300), (sandbox.new_gaid(), 34)];
    let pay = |instructions: &_| paid(&sandbox, instructions);
    let asset = issue_and_distribute(&client, &holders, pay).await?;
    for ownership in client.get_asset_ownerships(&asset, None).await? {
        println!("{ownership:?}");
    }
    client.close().await;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_holder_has_what_was_assigned() {
        let sandbox = Sandbox::builder().start().await.unwrap();
        let client = client(&sandbox).await.unwrap();
        let holders = [(sandbox.new_gaid(), 300), (sandbox.new_gaid(), 34)];
        let pay = |instructions: &_| paid(&sandbox, instructions);
        let asset = issue_and_distribute(&client, &holders, pay).await.unwrap();
        for (gaid, amount) in &holders {
            let balances = client.get_gaid_balance(gaid).await.unwrap();
            let of_asset = balances.iter().find(|entry| entry.asset_uuid == asset);
            assert_eq!(of_asset.unwrap().balance, *amount);
        }
        let row = sandbox.ledger().pop().unwrap();
        assert_eq!((row.issued(), row.held()), (1_000_000, 334));
    }
}
