//! What spends money or cannot be undone, where nobody can be asked.

use serde_json::json;

use crate::rig::{Rig, bare, ran};

fn gold() -> String {
    json!({
        "name": "Gold coin", "amount": 1000, "destination_address": "vjU8gold",
        "domain": "gold.example", "ticker": "GOLD", "pubkey": format!("02{}", "ab".repeat(32)),
    })
    .to_string()
}

#[test]
fn a_script_that_does_not_say_yes_spends_nothing_and_is_told_how_to() {
    let rig = Rig::logged_in();
    let refused = rig.run(&["assets", "issue", "--data", &gold()]);
    assert_eq!(
        (refused.code, refused.stdout.as_str()),
        (Some(2), ""),
        "{refused:?}"
    );
    assert!(
        refused.stderr.contains("1000 units of Gold coin"),
        "{refused:?}"
    );
    assert!(refused.stderr.contains("--yes"), "{refused:?}");
    assert_eq!(rig.sandbox.total(), 0);

    let agreed = rig.run(&["assets", "issue", "--yes", "--data", &gold()]);
    assert_eq!(agreed.code, Some(0), "{agreed:?}");
    assert_eq!(rig.sandbox.issued_count(), 1);
}

#[test]
fn the_embedded_service_asks_nobody() {
    let rig = Rig::new();
    let issued = ran(bare(rig.home()).args(["--sandbox", "assets", "issue", "--data", &gold()]));
    assert_eq!(issued.code, Some(0), "{issued:?}");
}
