//! An asset from its issue to its end, by way of the simulated node.

use amp_client::{
    AddRegisteredUser, ApiClient, CreateAssignment, ErrorKind, HistoryFilter, IssueAsset, Owner,
    Polling, SortOrder,
};
use amp_sandbox::{NodeCommand, Sandbox};

use crate::rig::{client, gold, inject, service};

/// What the node answers to these instructions.
fn node<R: serde::de::DeserializeOwned>(
    service: &Sandbox,
    command: NodeCommand,
    instructions: &impl serde::Serialize,
) -> R {
    let order = serde_json::to_string(instructions).unwrap();
    let report = service.node(command, &order).unwrap();
    serde_json::from_str(&report).unwrap()
}

async fn users<const N: usize>(client: &ApiClient, service: &Sandbox) -> [i64; N] {
    let mut ids = [0; N];
    for (number, id) in ids.iter_mut().enumerate() {
        let user = AddRegisteredUser {
            name: format!("Holder {number}"),
            gaid: Some(service.new_gaid()),
            ..AddRegisteredUser::default()
        };
        *id = client.add_registered_user(&user).await.unwrap().id;
    }
    ids
}

fn ready(registered_user: i64, amount: i64) -> CreateAssignment {
    CreateAssignment {
        registered_user,
        amount,
        ready_for_distribution: Some(true),
        ..CreateAssignment::default()
    }
}

// A-71, W-A11, W-A35, W-A37: what is handed out is what was assigned, to the unit, though answers are
// lost on the way.
#[tokio::test(start_paused = true)]
async fn what_is_assigned_is_handed_out_to_the_unit_though_answers_are_lost() {
    let service = service();
    let client = client(&service).await;
    let asset = client.issue_asset(&gold()).await.unwrap().asset_uuid;
    let [ann, ben] = users(&client, &service).await;

    inject(
        &service,
        &[
            "POST /assets/*/assignments/create=503",
            "POST /assets/*/distributions/*/confirm=reset-after",
        ],
    );
    let wanted = [ready(ann, 333), ready(ben, 1)];
    let failure = client.create_asset_assignments(&asset, &wanted).await;
    let failure = failure.unwrap_err();
    assert_eq!(failure.may_have_happened(), Some(0), "{failure}");
    let open = client.get_asset_assignments(&asset).await.unwrap();
    assert!(open.is_empty(), "who looks finds that it did not happen");
    let created = client.create_asset_assignments(&asset, &wanted).await;
    assert_eq!(created.unwrap().len(), 2);

    let instructions = client.create_distribution(&asset).await.unwrap();
    assert_eq!(instructions.total_units(), Some(334));
    let report = node(&service, NodeCommand::Send, &instructions);
    let id = &instructions.distribution_uuid;
    let told = client.confirm_distribution(&asset, id, &report).await;
    assert!(told.unwrap().unwrap().is_confirmed());
    let polling = Polling::new();
    let known = client.wait_for_distribution(&asset, id, &polling).await;
    let txid = &known.unwrap().transactions[0].txid;
    let mined = client
        .wait_for_asset_transaction(&asset, txid, &polling)
        .await;
    assert!(mined.unwrap().is_distribution);

    let owners = client.get_asset_ownerships(&asset, None).await.unwrap();
    let held = |owner: Owner| {
        owners
            .iter()
            .find(|row| row.owner.as_ref() == Some(&owner))
            .unwrap()
            .amount
    };
    assert_eq!(held(Owner::RegisteredUser(ann)), 333);
    assert_eq!(held(Owner::RegisteredUser(ben)), 1);
    assert_eq!(held(Owner::Issuer), 1000 - 334);
    assert!(
        client
            .get_asset_balance(&asset)
            .await
            .unwrap()
            .is_complete()
    );
    let rows = service.ledger();
    let row = rows.iter().find(|row| row.asset_uuid() == asset).unwrap();
    assert_eq!((row.assigned(), row.distributed()), (334, 334));
}

// W-A37, W-A28
#[tokio::test(start_paused = true)]
async fn what_is_reissued_and_burnt_is_in_the_figures_and_in_the_history() {
    let service = service();
    let client = client(&service).await;
    let issue = IssueAsset {
        is_reissuable: Some(true),
        reissuance_amount: Some(1),
        reissuance_address: Some("vjU8reissuance".into()),
        ..gold()
    };
    let asset = client.issue_asset(&issue).await.unwrap().asset_uuid;
    let more = client.reissue_request(&asset, 30_000_001).await.unwrap();
    assert_eq!(more.amount.to_string(), "0.30000001");
    let report = node(&service, NodeCommand::Reissue, &more);
    for _ in 0..2 {
        let confirmed = client.reissue_confirm(&asset, &report).await.unwrap();
        assert_eq!(confirmed.reissuance_amount, 30_000_001);
    }
    let less = client.burn_request(&asset, 7).await.unwrap();
    let report = node(&service, NodeCommand::Burn, &less);
    for _ in 0..2 {
        client.burn_confirm(&asset, &report).await.unwrap();
    }
    let figures = client.get_asset_summary(&asset).await.unwrap();
    assert_eq!((figures.reissued, figures.burned), (30_000_001, 7));
    assert_eq!(figures.circulating(), Some(1000 + 30_000_001 - 7));
    let past = client.get_asset_reissuances(&asset).await.unwrap();
    assert_eq!(past[0].reissuance_amount, 30_000_001);

    let page = HistoryFilter::new().with_count(2);
    let first = client.get_asset_transactions(&asset, &page).await.unwrap();
    assert_eq!(first.len(), 2);
    assert!(first[0].is_issuance && first[1].is_reissuance);
    let next = page.next_page(first.len()).unwrap();
    let second = client.get_asset_transactions(&asset, &next).await.unwrap();
    assert_eq!(second.len(), 1);
    assert_eq!(next.next_page(second.len()), None);
    let last = HistoryFilter::new()
        .with_start(-1)
        .with_sort_order(SortOrder::Ascending);
    let activities = client.get_asset_activities(&asset, &last).await.unwrap();
    assert_eq!(activities.len(), 1);
}

// A-70, W-A25
#[tokio::test(start_paused = true)]
async fn an_asset_is_registered_annotated_and_forgotten() {
    let service = service();
    let client = client(&service).await;
    let asset = client.issue_asset(&gold()).await.unwrap().asset_uuid;
    service.mine(2);
    let registered = client.register_asset(&asset).await.unwrap();
    assert!(registered.asset().unwrap().is_registered);
    let again = client.register_asset(&asset).await.unwrap();
    assert_eq!(again.asset(), None);
    let note = "line\nbreak \\ \"quoted\"";
    client.set_asset_memo(&asset, note).await.unwrap();
    assert_eq!(client.get_asset_memo(&asset).await.unwrap(), note);
    client.delete_asset(&asset).await.unwrap();
    let gone = client.get_asset(&asset).await.unwrap_err();
    assert_eq!(gone.kind(), ErrorKind::NotFound);
}
