//! Several assignments: what is known when one of them fails.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use amp_client::{ApiClient, Assignment, BatchError, CreateAssignment, Error, ErrorKind};

use crate::scripted::{Act, Book, answer, scripted};

/// One assignment for each of these users.
fn wanted(users: impl IntoIterator<Item = i64>) -> Vec<CreateAssignment> {
    let of_user = |registered_user| CreateAssignment {
        registered_user,
        amount: 100 + registered_user,
        ..CreateAssignment::default()
    };
    users.into_iter().map(of_user).collect()
}

fn created(number: usize) -> Act {
    let id = 11 + number;
    answer(
        200,
        format!(r#"[{{"id":{id},"registered_user":1,"amount":5}}]"#),
    )
}

fn ids(assignments: &[Assignment]) -> Vec<i64> {
    assignments.iter().map(|assignment| assignment.id).collect()
}

/// Creates five assignments with a service that does this with the third.
async fn five_of_which_the_third(
    act: Act,
) -> (
    BatchError<Assignment>,
    Vec<CreateAssignment>,
    Book,
    ApiClient,
) {
    let (client, book) = scripted(move |_, number| match number {
        2 => act.clone(),
        _ => created(number),
    })
    .await;
    let wanted = wanted(1..=5);
    let failure = client.create_asset_assignments("u", &wanted).await;
    (failure.unwrap_err(), wanted, book, client)
}

// A-71: one request each, in order, and the answers joined; each is heard of as soon as it is there.
#[tokio::test(start_paused = true)]
async fn several_assignments_are_sent_one_by_one_and_observed() {
    let (client, book) = scripted(|_, number| created(number)).await;
    let mut heard = Vec::new();
    let done = client
        .create_asset_assignments_with("u", &wanted(1..=3), |progress| {
            heard.push((progress.finished, progress.total, ids(progress.latest)));
        })
        .await
        .unwrap();
    assert_eq!(ids(&done), [11, 12, 13]);
    assert_eq!(
        heard,
        [(1, 3, vec![11]), (2, 3, vec![12]), (3, 3, vec![13])]
    );
    assert_eq!(book.lines(), ["POST /assets/u/assignments/create"; 3]);
    let body = |user| {
        let amount = 100 + user;
        format!(r#"{{"assignments":[{{"registered_user":{user},"amount":{amount}}}]}}"#)
    };
    assert_eq!(book.bodies(), [body(1), body(2), body(3)]);
}

// W-A24: upstream dropped the two that it had created, and said which one failed to nobody.
#[tokio::test(start_paused = true)]
async fn a_refusal_in_the_middle_tells_what_was_created_and_what_was_not_tried() {
    let refusal = answer(400, r#"{"Error":"not enough in the treasury balance"}"#);
    let (failure, wanted, book, client) = five_of_which_the_third(refusal).await;
    assert_eq!(ids(failure.done()), [11, 12]);
    assert_eq!((failure.finished(), failure.not_tried()), (2, 3..5));
    assert_eq!(failure.may_have_happened(), None);
    assert_eq!(failure.remaining(&wanted), &wanted[2..]);
    assert_eq!(book.lines().len(), 3, "nothing is sent after a failure");
    let text = failure.to_string();
    assert!(text.starts_with("2 of 5 are done, then: "), "{text}");
    assert!(
        text.contains("not enough in the treasury balance"),
        "{text}"
    );
    assert!(text.ends_with("; 2 were not tried"), "{text}");

    let rest = failure.remaining(&wanted);
    let rest = client.create_asset_assignments("u", rest).await.unwrap();
    let all: Vec<_> = failure.done().iter().chain(&rest).cloned().collect();
    assert_eq!(all.len(), wanted.len(), "the batch can be completed");
}

// W-A24, W-A11: an assignment that may exist is neither repeated nor offered for repetition.
#[tokio::test(start_paused = true)]
async fn an_assignment_that_may_have_been_created_is_set_apart_from_those_that_were_not() {
    for act in [
        Act::Lose,
        Act::Stall,
        answer(503, ""),
        answer(200, "<html>"),
    ] {
        let (failure, wanted, book, _) = five_of_which_the_third(act.clone()).await;
        assert_eq!(failure.may_have_happened(), Some(2), "{act:?}: {failure}");
        assert_eq!(failure.remaining(&wanted), &wanted[3..], "{act:?}");
        assert_eq!(ids(failure.done()), [11, 12], "{act:?}");
        assert_eq!(book.lines().len(), 3, "{act:?}");
        assert!(
            failure.to_string().contains("may have happened"),
            "{failure}"
        );
    }
}

// A-72
#[tokio::test(start_paused = true)]
async fn a_batch_with_a_mistake_in_it_is_refused_before_anything_is_sent() {
    let (client, book) = scripted(|_, number| created(number)).await;
    let mut mistaken = wanted(1..=3);
    mistaken[1].amount = 0;
    let failure = client.create_asset_assignments("u", &mistaken).await;
    let failure = failure.unwrap_err();
    assert_eq!(failure.error().kind(), ErrorKind::Usage);
    assert_eq!((failure.finished(), failure.not_tried()), (0, 0..3));
    assert_eq!(failure.remaining(&mistaken), mistaken);
    let text = failure.to_string();
    assert!(text.starts_with("number 2 of the list: amount"), "{text}");
    assert!(text.ends_with("nothing was sent"), "{text}");
    let failure = client.create_asset_assignments("u", &[]).await.unwrap_err();
    assert!(matches!(failure.error(), Error::Request(_)), "{failure}");
    assert_eq!(book.lines().len(), 0);
}

// W-A24: who gives up keeps what was heard of until then.
#[tokio::test(start_paused = true)]
async fn a_batch_that_is_dropped_has_told_of_everything_that_was_answered() {
    let (client, book) = scripted(|_, number| match number {
        2 => Act::Stall,
        _ => created(number),
    })
    .await;
    let heard = Arc::new(Mutex::new(Vec::new()));
    let journal = Arc::clone(&heard);
    let batch = tokio::spawn(async move {
        let observe = move |progress: amp_client::BatchProgress<'_, Assignment>| {
            journal.lock().unwrap().extend(ids(progress.latest));
        };
        client
            .create_asset_assignments_with("u", &wanted(1..=5), observe)
            .await
    });
    tokio::time::sleep(Duration::from_secs(5)).await;
    batch.abort();
    assert!(batch.await.unwrap_err().is_cancelled());
    assert_eq!(*heard.lock().unwrap(), [11, 12]);
    assert_eq!(book.lines().len(), 3);
}

// W-A24: the other loop of upstream.
#[tokio::test(start_paused = true)]
async fn a_manager_that_keeps_an_asset_is_said_to_have_lost_the_others() {
    let (client, book) = scripted(|line, _| match line {
        "GET /managers/8" => answer(
            200,
            r#"{"username":"m","id":8,"is_locked":false,"assets":["a","b","c"]}"#,
        ),
        "PUT /managers/8/assets/b/remove" => answer(403, r#"{"detail":"no"}"#),
        "GET /managers/9" => answer(404, r#"{"detail":"Not found."}"#),
        _ => answer(200, ""),
    })
    .await;
    let failure = client.revoke_manager(8).await.unwrap_err();
    assert_eq!(failure.done(), ["a"]);
    assert_eq!(failure.not_tried(), 2..3);
    assert_eq!(book.lines().len(), 3);
    let unknown = client.revoke_manager(9).await.unwrap_err();
    assert_eq!(unknown.error().kind(), ErrorKind::NotFound);
    assert_eq!(unknown.to_string(), unknown.error().to_string());
    assert!(unknown.not_tried().is_empty() && unknown.done().is_empty());
}
