//! Each method sends its own operation.

use amp_client::{
    AssignmentFilter, ConfirmBurn, ConfirmDistribution, ConfirmReissue, CreateAssignment,
    HistoryFilter, NodeJson, Outpoint, ReissuanceOutput, TxData, UpdateBlinders,
};

use crate::scripted::{answer, scripted};

const A: &str = "a/1";

fn change() -> Vec<NodeJson> {
    vec![NodeJson::parse(r#"{"txid":"ab","vout":0}"#).unwrap()]
}

/// Asserts that calls, none of which is answered, were these requests.
macro_rules! sends {
    ($($call:ident($($argument:expr),*) => $line:literal,)+) => {{
        let (client, book) = scripted(|_, _| answer(400, "")).await;
        let mut expected = Vec::new();
        $(
            client.$call($($argument),*).await.unwrap_err();
            expected.push($line);
            assert_eq!(book.lines(), expected, stringify!($call));
        )+
    }};
}

// A-73, W-A26, W-A28: the names of the seed, and an id is one segment whatever is in it.
#[tokio::test(start_paused = true)]
async fn each_method_on_an_asset_sends_its_operation() {
    let page = HistoryFilter::new().with_start(1).with_count(2);
    let outputs = [Outpoint::new("ab", 0)];
    let addresses = ["tlq1".to_owned()];
    let blinders = UpdateBlinders {
        txid: "ab".into(),
        vout: 0,
        asset_blinder: "cd".into(),
        amount_blinder: "ef".into(),
    };
    sends! {
        edit_asset(A, "https://gold.example") => "PUT /assets/a%2F1/edit",
        delete_asset(A) => "DELETE /assets/a%2F1/delete",
        register_asset(A) => "GET /assets/a%2F1/register",
        register_asset_authorized(A) => "GET /assets/a%2F1/register-authorized",
        get_asset_activities(A, &page) => "GET /assets/a%2F1/activities?start=1&count=2",
        get_asset_ownerships(A, Some(7)) => "GET /assets/a%2F1/ownerships?height=7",
        get_asset_ownerships_at_path(A, 7) => "GET /assets/a%2F1/ownerships/7",
        get_asset_balance(A) => "GET /assets/a%2F1/balance",
        get_asset_lost_outputs(A) => "GET /assets/a%2F1/lost-outputs",
        get_asset_summary(A) => "GET /assets/a%2F1/summary",
        get_asset_utxos(A) => "GET /assets/a%2F1/utxos",
        blacklist_asset_utxos(A, &outputs) => "POST /assets/a%2F1/utxos/blacklist",
        whitelist_asset_utxos(A, &outputs) => "POST /assets/a%2F1/utxos/whitelist",
        get_asset_memo(A) => "GET /assets/a%2F1/memo",
        set_asset_memo(A, "x") => "POST /assets/a%2F1/memo/set",
        get_asset_transactions(A, &page) => "GET /assets/a%2F1/txs?start=1&count=2",
        get_asset_transaction(A, "ab") => "GET /assets/a%2F1/txs/ab",
        update_asset_blinders(A, &blinders) => "POST /assets/a%2F1/update-blinders",
        get_asset_treasury_addresses(A) => "GET /assets/a%2F1/treasury-addresses",
        add_asset_treasury_addresses(A, &addresses) => "POST /assets/a%2F1/treasury-addresses/add",
        delete_asset_treasury_addresses(A, &addresses)
            => "DELETE /assets/a%2F1/treasury-addresses/delete",
    }
}

// A-73, W-A28
#[tokio::test(start_paused = true)]
async fn each_method_on_supply_assignments_and_distributions_sends_its_operation() {
    let reissued = ConfirmReissue {
        details: NodeJson::parse("[]").unwrap(),
        reissuance_output: ReissuanceOutput {
            txid: "ab".into(),
            vin: 0,
        },
        listissuances: change(),
    };
    let burnt = ConfirmBurn {
        tx_data: TxData::new("ab"),
        change_data: change(),
    };
    let distributed = ConfirmDistribution {
        tx_data: TxData::new("ab").with_details(vec![]),
        change_data: change(),
    };
    let assignment = CreateAssignment {
        registered_user: 7,
        amount: 1,
        ..CreateAssignment::default()
    };
    sends! {
        get_asset_reissuances(A) => "GET /assets/a%2F1/reissuances",
        reissue_request(A, 1) => "POST /assets/a%2F1/reissue-request",
        reissue_confirm(A, &reissued) => "POST /assets/a%2F1/reissue-confirm",
        burn_request(A, 1) => "POST /assets/a%2F1/burn-request",
        burn_confirm(A, &burnt) => "POST /assets/a%2F1/burn-confirm",
        get_asset_assignments(A) => "GET /assets/a%2F1/assignments",
        find_asset_assignments(A, AssignmentFilter::Open)
            => "GET /assets/a%2F1/assignments?distributed=false",
        create_asset_assignments(A, &[assignment]) => "POST /assets/a%2F1/assignments/create",
        get_asset_assignment(A, 3) => "GET /assets/a%2F1/assignments/3",
        delete_asset_assignment(A, 3) => "DELETE /assets/a%2F1/assignments/3/delete",
        lock_asset_assignment(A, 3) => "PUT /assets/a%2F1/assignments/3/lock",
        unlock_asset_assignment(A, 3) => "PUT /assets/a%2F1/assignments/3/unlock",
        get_asset_distributions(A) => "GET /assets/a%2F1/distributions",
        create_distribution(A) => "GET /assets/a%2F1/distributions/create/",
        get_asset_distribution(A, "d") => "GET /assets/a%2F1/distributions/d",
        confirm_distribution(A, "d", &distributed) => "POST /assets/a%2F1/distributions/d/confirm",
        cancel_distribution(A, "d") => "DELETE /assets/a%2F1/distributions/d/cancel",
        get_broadcast_status("ab") => "GET /tx/broadcast/ab",
        broadcast_transaction("0200") => "POST /tx/broadcast",
    }
}

// W-A11: a report may be repeated, what asks for instructions may not.
#[tokio::test(start_paused = true)]
async fn a_request_for_instructions_is_sent_once_and_a_report_until_it_is_heard() {
    let (client, book) = scripted(|_, _| answer(503, "")).await;
    let asked = [
        client.reissue_request("u", 1).await.map(drop),
        client.burn_request("u", 1).await.map(drop),
        client.create_distribution("u").await.map(drop),
    ];
    for answer in asked {
        let error = answer.unwrap_err();
        assert!(error.may_have_happened(), "{error}");
    }
    assert_eq!(book.lines().len(), 3);
    let report = ConfirmBurn {
        tx_data: TxData::new("ab"),
        change_data: vec![],
    };
    let (client, book) = scripted(|_, number| match number {
        0 | 1 => answer(503, ""),
        _ => answer(200, ""),
    })
    .await;
    client.burn_confirm("u", &report).await.unwrap();
    assert_eq!(book.lines().len(), 3);
}
