//! The note of an asset.

use tokio::time::Instant;

use crate::scripted::{Act, answer, scripted};

const AWKWARD: &str = "a \"note\" with \\, a line\nbreak, \u{1}, ü and \",\"admin\":true";

// W-A25: upstream escaped quotes by hand, and made invalid or foreign JSON of the rest.
#[tokio::test(start_paused = true)]
async fn a_note_arrives_as_it_was_written() {
    let (client, book) = scripted(|_, _| answer(200, "")).await;
    client.set_asset_memo("u", AWKWARD).await.unwrap();
    assert_eq!(book.lines(), ["POST /assets/u/memo/set"]);
    let sent: serde_json::Value = serde_json::from_str(&book.bodies()[0]).unwrap();
    assert_eq!(sent, AWKWARD);

    let told = book.bodies().remove(0);
    let (client, _) = scripted(move |_, _| answer(200, told.clone())).await;
    assert_eq!(client.get_asset_memo("u").await.unwrap(), AWKWARD);
}

// W-A25: upstream sent it once, around the retries, and waited for ever.
#[tokio::test(start_paused = true)]
async fn setting_a_note_is_repeated_and_ends_in_time() {
    let (client, book) = scripted(|_, number| match number {
        0 => answer(503, ""),
        1 => Act::Lose,
        _ => answer(200, "{}"),
    })
    .await;
    client.set_asset_memo("u", AWKWARD).await.unwrap();
    assert_eq!(book.lines().len(), 3);

    let (client, _) = scripted(|_, _| Act::Stall).await;
    let begun = Instant::now();
    client.set_asset_memo("u", AWKWARD).await.unwrap_err();
    assert_eq!(begun.elapsed().as_secs(), 120);
}
