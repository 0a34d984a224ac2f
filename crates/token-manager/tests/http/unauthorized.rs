//! A token that the service rejects is renewed once, and the request replayed once.

use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::join_all;
use futures_util::poll;
use http::{Request, StatusCode, header};
use token_core::flight::Renewal;
use token_core::{
    CallContext, ErrorClass, Idempotency, Ledger, Lifetime, TokenError, TokenFailure,
};
use token_manager::{EventLog, PausedClock, ScriptedProvider, TokenEvent, TokenManager};
use token_store::{MemoryStore, SharedTokenStore};
use tokio::time::advance;
use tower::ServiceExt;

use crate::api::{Api, ApiService, BASE, INVALID, get, manager, rejection};

const LATENCY: Duration = Duration::from_millis(300);

fn provider() -> ScriptedProvider {
    ScriptedProvider::with_latency(LATENCY)
}

fn issue(call: &CallContext) -> Request<Bytes> {
    Request::post(format!("{BASE}/assets/1/issue"))
        .extension(call.clone())
        .body(Bytes::from_static(b"{\"amount\":1}"))
        .unwrap()
}

// A-65, C-46, W-A12: a revoked token costs one login and one replay, and no error.
#[tokio::test(start_paused = true)]
async fn a_revoked_token_is_renewed_and_the_request_replayed() {
    let (provider, api) = (provider(), Api::default());
    let service = api.authorized(&manager(&provider));
    assert_eq!(service.status().await, StatusCode::OK);

    api.accept_only(["token-2"]);
    assert_eq!(service.status().await, StatusCode::OK);
    let expected = ["token token-1", "token token-1", "token token-2"];
    assert_eq!(api.authorizations(), expected);
    assert_eq!(provider.obtains(), 2);
    assert_eq!(
        provider.refreshes(),
        0,
        "a rejected token cannot renew itself"
    );
}

// C-46: alone or not, the context goes along, so that the layers below write into the same book.
#[tokio::test(start_paused = true)]
async fn a_replay_carries_the_same_call_and_what_others_put_beside_it() {
    for beside in [None, Some("theirs")] {
        let (provider, api) = (provider(), Api::default());
        let service = api.authorized(&manager(&provider));
        assert_eq!(service.status().await, StatusCode::OK);
        api.accept_only(["token-2"]);
        let call = CallContext::new(Idempotency::Never);
        let mut request = issue(&call);
        if let Some(beside) = beside {
            request.extensions_mut().insert(beside);
        }
        let answer = service.send(request).await.unwrap();
        assert_eq!((answer.status(), api.requests()), (StatusCode::OK, 3));

        let replay = api.last();
        assert_eq!(replay.extensions().get::<&str>().copied(), beside);
        assert_eq!(replay.uri(), issue(&call).uri());
        assert_eq!(replay.body(), issue(&call).body());
        let carried = replay.extensions().get::<CallContext>().unwrap();
        carried.note(Ledger::note_try);
        assert_eq!(call.ledger().tries(), 1);
    }
}

// Pitfall 16.
// C-46, W-C09: late rejections of an old token find the new one instead of renewing it again.
#[tokio::test(start_paused = true)]
async fn a_thousand_rejections_of_one_token_cost_one_renewal_and_no_error() {
    let (provider, api) = (provider(), Api::default());
    let service = api.authorized(&manager(&provider));
    assert_eq!(service.status().await, StatusCode::OK);

    api.accept_only(["token-2"]);
    // Answers arrive before, during and after the renewal.
    api.take_time(LATENCY / 2);
    let calls = (0..1_000).map(|number| {
        let mut request = get("/assets");
        *request.body_mut() = Bytes::from(format!("request {number}"));
        tokio::spawn(service.clone().oneshot(request))
    });
    for answer in join_all(calls).await {
        assert_eq!(answer.unwrap().unwrap().status(), StatusCode::OK);
    }
    assert_eq!(provider.obtains(), 2);
    let bodies = api.bodies();
    assert_eq!(bodies.len(), 1 + 1_000);
    let most = bodies.values().max();
    assert_eq!(most, Some(&2), "each body is sent twice at most");
}

// W-C09: the same with real threads, where a rejection races with the publishing of the new token.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn rejections_on_many_threads_cost_one_renewal() {
    let provider = ScriptedProvider::with_latency(Duration::ZERO);
    let api = Api::default();
    let service = api.authorized(&manager(&provider));
    assert_eq!(service.status().await, StatusCode::OK);

    api.accept_only(["token-2"]);
    let calls = (0..1_000).map(|_| tokio::spawn(service.clone().oneshot(get("/assets"))));
    for answer in join_all(calls).await {
        assert_eq!(answer.unwrap().unwrap().status(), StatusCode::OK);
    }
    assert_eq!(provider.obtains(), 2);
}

// C-46, C-50
#[tokio::test(start_paused = true)]
async fn rejections_and_replays_are_told_by_the_numbers_of_the_tokens() {
    let (provider, api, log) = (provider(), Api::default(), EventLog::default());
    let builder = TokenManager::builder(provider.clone()).events(log.clone());
    let service = api.authorized(&builder.clock(PausedClock::new()).build());
    assert_eq!(service.status().await, StatusCode::OK);
    drop(log.take_names());

    api.accept_only(["token-2"]);
    api.take_time(LATENCY / 2);
    let calls = (0..10).map(|_| service.status());
    let answers = join_all(calls).await;
    assert_eq!(answers, [StatusCode::OK; 10]);
    let events = log.events();
    let [
        TokenEvent::Rejected {
            epoch,
            just_issued: false,
            ..
        },
        TokenEvent::FlightStarted { .. },
        TokenEvent::Obtained { callers: 10, .. },
        replays @ ..,
    ] = &events[..]
    else {
        panic!("{events:#?}");
    };
    assert_eq!((epoch.number(), replays.len()), (1, 10));
    for replay in replays {
        let TokenEvent::Replayed { rejected, with, .. } = replay else {
            panic!("{replay:?}");
        };
        assert_eq!((rejected.number(), with.number()), (1, 2));
    }
}

// C-46
#[tokio::test(start_paused = true)]
async fn the_rejection_of_a_new_token_is_told_and_starts_no_flight() {
    let (provider, api, log) = (provider(), Api::default(), EventLog::default());
    let builder = TokenManager::builder(provider.clone()).events(log.clone());
    let service = api.authorized(&builder.clock(PausedClock::new()).build());
    api.accept_only([]);
    assert_eq!(service.status().await, StatusCode::UNAUTHORIZED);
    let last = log.events().pop();
    let Some(TokenEvent::Rejected { just_issued, .. }) = last else {
        panic!("{last:?}");
    };
    assert!(just_issued);
}

// C-46: what would another login change?
#[tokio::test(start_paused = true)]
async fn a_token_that_is_rejected_from_the_start_does_not_loop() {
    let (provider, api) = (provider(), Api::default());
    api.accept_only([]);
    let service = api.authorized(&manager(&provider));

    for _ in 0..100 {
        let answer = service.send(get("/info")).await.unwrap();
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(answer.body(), INVALID, "the service's own words");
    }
    assert_eq!(provider.obtains(), 1);
    assert_eq!(
        api.requests(),
        100,
        "nothing is replayed with the same token"
    );
}

// C-46: an accepted token is revoked, and the service rejects its successor too.
#[tokio::test(start_paused = true)]
async fn a_service_that_rejects_every_token_costs_one_login_and_one_replay() {
    let (provider, api) = (provider(), Api::default());
    let service = api.authorized(&manager(&provider));
    assert_eq!(service.status().await, StatusCode::OK);

    api.accept_only([]);
    assert_eq!(service.status().await, StatusCode::UNAUTHORIZED);
    assert_eq!((provider.obtains(), api.requests()), (2, 3));
    for _ in 0..100 {
        assert_eq!(service.status().await, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(provider.obtains(), 2, "the new token was just minted");
}

#[tokio::test(start_paused = true)]
async fn a_403_about_rights_is_handed_on_untouched() {
    const RIGHTS: &str = r#"{"detail":"You do not have permission to perform this action."}"#;
    let (provider, api) = (provider(), Api::default());
    let service = api.authorized(&manager(&provider));
    api.answer_next([rejection(403, RIGHTS)]);

    let answer = service.send(get("/assets")).await.unwrap();
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
    assert_eq!(answer.body(), RIGHTS);
    assert_eq!((provider.obtains(), api.requests()), (1, 1));
}

// C-46: with the same account every token has the same rights, so a login would change nothing.
#[tokio::test(start_paused = true)]
async fn a_401_about_rights_is_handed_on_and_costs_no_login() {
    let (provider, api) = (provider(), Api::default());
    let service = api.authorized(&manager(&provider));
    assert_eq!(service.status().await, StatusCode::OK);

    let mut answer = rejection(401, "{}");
    let challenge = "Bearer error=\"insufficient_scope\"".parse().unwrap();
    answer
        .headers_mut()
        .insert(header::WWW_AUTHENTICATE, challenge);
    api.answer_next([answer]);
    assert_eq!(service.status().await, StatusCode::UNAUTHORIZED);
    assert_eq!((provider.obtains(), api.requests()), (1, 2));
}

// C-46: an authority may say the same about its own tokens; that is no verdict about ours.
#[tokio::test(start_paused = true)]
async fn a_terminal_failure_of_the_renewal_is_not_taken_for_a_rejection_of_a_new_token() {
    let (provider, api) = (provider(), Api::default());
    let service = api.authorized(&manager(&provider));
    assert_eq!(service.status().await, StatusCode::OK);

    api.accept_only([]);
    let failure = TokenFailure::new(ErrorClass::Terminal, "the token is not signed by us");
    provider.on_obtain(Err(TokenError::Validation(failure)));
    let error = service.send(get("/info")).await.unwrap_err();
    let expected = "Token validation error: the token is not signed by us";
    assert_eq!(error.to_string(), expected);
}

// C-46: some deployments of the framework answer 403 where others answer 401.
#[tokio::test(start_paused = true)]
async fn a_403_about_the_token_renews_it() {
    let (provider, api) = (provider(), Api::default());
    let service = api.authorized(&manager(&provider));
    assert_eq!(service.status().await, StatusCode::OK);

    api.answer_next([rejection(403, INVALID)]);
    assert_eq!(service.status().await, StatusCode::OK);
    assert_eq!(provider.obtains(), 2);
}

// C-46: the caller hears why there is no new token, not the rejection of the old one.
#[tokio::test(start_paused = true)]
async fn a_renewal_that_is_refused_is_the_answer() {
    let (provider, api) = (provider(), Api::default());
    let service = api.authorized(&manager(&provider));
    assert_eq!(service.status().await, StatusCode::OK);

    api.accept_only([]);
    let failure = TokenFailure::new(ErrorClass::Refused, "wrong password").with_attempts(1);
    provider.on_obtain(Err(TokenError::ObtainFailed(failure)));
    let error = service.send(get("/info")).await.unwrap_err();
    let error = error.downcast::<TokenError>().unwrap();
    assert_eq!(error.class(), ErrorClass::Refused);
    assert_eq!(
        error.to_string(),
        "Token obtain failed after 1 attempts: wrong password"
    );
    assert_eq!(api.requests(), 2, "without a token nothing is replayed");
}

// C-46: the authority answers the login with a token that cannot be sent.
#[tokio::test(start_paused = true)]
async fn a_renewal_that_brings_no_usable_token_is_the_answer() {
    let (provider, api) = (provider(), Api::default());
    let service = api.authorized(&manager(&provider));
    assert_eq!(service.status().await, StatusCode::OK);

    api.accept_only([]);
    let failure = TokenFailure::new(ErrorClass::Transient, "it cannot travel in a header");
    provider.on_obtain(Err(TokenError::Validation(failure)));
    let error = service.send(get("/info")).await.unwrap_err();
    let expected = "Token validation error: it cannot travel in a header";
    assert_eq!(error.to_string(), expected);
}

// A-37: a caller that gives up does not end the renewal that others need.
#[tokio::test(start_paused = true)]
async fn a_call_that_is_dropped_leaves_the_renewal_to_the_next() {
    let (provider, api) = (provider(), Api::default());
    let service = api.authorized(&manager(&provider));
    assert_eq!(service.status().await, StatusCode::OK);

    api.accept_only(["token-2"]);
    let dropped = tokio::time::timeout(LATENCY / 3, service.status()).await;
    assert!(dropped.is_err(), "it waits for the login");
    assert_eq!(service.status().await, StatusCode::OK);
    assert_eq!((provider.obtains(), api.requests()), (2, 3));
}

// W-A11: a 401 says that nothing was done, so even money may be sent again, once.
#[tokio::test(start_paused = true)]
async fn a_request_that_must_not_be_repeated_is_replayed_after_a_401_alone() {
    let (provider, api) = (provider(), Api::default());
    let service = api.authorized(&manager(&provider));
    assert_eq!(service.status().await, StatusCode::OK);

    api.accept_only(["token-2"]);
    let call = CallContext::new(Idempotency::Never);
    let answer = service.send(issue(&call)).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(call.ledger().replays(), 1);

    let before = api.requests();
    for status in [400, 403, 404, 408, 409, 425, 429, 500, 502, 503, 504] {
        let call = CallContext::new(Idempotency::Never);
        api.answer_next([rejection(status, "{}")]);
        let answer = service.send(issue(&call)).await.unwrap();
        assert_eq!(answer.status().as_u16(), status);
        assert_eq!(call.ledger(), Ledger::default(), "{status}");
    }
    assert_eq!(api.requests(), before + 11, "each was sent once");
}

// W-A11: the token of the replay could be renewed, too, and the next one, and so on.
#[tokio::test(start_paused = true)]
async fn a_replay_that_is_rejected_is_the_answer_however_good_its_token_was() {
    let (provider, api) = (provider(), Api::default());
    let service = api.authorized(&manager(&provider));
    assert_eq!(service.status().await, StatusCode::OK);

    api.accept_only(["token-2"]);
    api.take_time(Duration::from_secs(3_600));
    let call = CallContext::new(Idempotency::Never);
    let mut slow = pin!(service.send(issue(&call)));
    assert!(poll!(slow.as_mut()).is_pending());
    api.take_time(Duration::ZERO);
    assert_eq!(service.status().await, StatusCode::OK);

    api.accept_only(["token-3"]);
    let answer = slow.await.unwrap();
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    assert_eq!((call.ledger().replays(), provider.obtains()), (1, 2));
    assert_eq!(api.bodies()[&issue(&call).into_body()], 2);
}

// W-A11: the layer sits inside the retries, and each of them would bring a replay of its own.
#[tokio::test(start_paused = true)]
async fn a_call_is_replayed_once_however_often_it_is_tried() {
    let (provider, api) = (provider(), Api::default());
    let service = api.authorized(&manager(&provider));
    assert_eq!(service.status().await, StatusCode::OK);

    let call = CallContext::new(Idempotency::Idempotent);
    api.answer_next([
        rejection(401, INVALID),
        rejection(503, ""),
        rejection(401, INVALID),
        rejection(200, "{}"),
    ]);
    let first = service.send(issue(&call)).await.unwrap();
    assert_eq!(first.status(), StatusCode::SERVICE_UNAVAILABLE);
    // Long enough that the token counts as an old one, which another call would renew.
    advance(Duration::from_secs(3_600)).await;
    let second = service.send(issue(&call)).await.unwrap();
    assert_eq!(second.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(call.ledger().replays(), 1);
    assert_eq!((provider.obtains(), api.requests()), (2, 1 + 3));
}

// C-46: an outage in front of the service says nothing about the token.
#[tokio::test(start_paused = true)]
async fn a_failing_gateway_does_not_turn_rejections_into_logins() {
    let (provider, api) = (provider(), Api::default());
    let service = api.authorized(&manager(&provider));
    for status in [503, 429, 404] {
        api.answer_next([rejection(status, ""), rejection(401, INVALID)]);
        assert_eq!(service.status().await.as_u16(), status);
        assert_eq!(service.status().await, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(provider.obtains(), 1, "the token was never accepted");
}

// C-46: the store is read before the authority is asked.
#[tokio::test(start_paused = true)]
async fn a_token_that_another_process_renewed_is_used_for_the_replay() {
    let store = SharedTokenStore::new(MemoryStore::new());
    let open = |provider: &ScriptedProvider| {
        let builder = TokenManager::builder(provider.clone()).store(store.clone());
        builder.clock(PausedClock::new()).build()
    };
    let (ours, theirs, api) = (provider(), provider(), Api::default());
    let (our_manager, their_manager) = (open(&ours), open(&theirs));
    their_manager.get_token().await.unwrap();
    let service = api.authorized(&our_manager);
    assert_eq!(service.status().await, StatusCode::OK);
    their_manager.obtain_token().await.unwrap();

    api.accept_only(["token-2"]);
    assert_eq!(service.status().await, StatusCode::OK);
    assert_eq!((ours.obtains(), theirs.obtains()), (0, 2));
}

// C-46, C-48: where a refresh token renews, a rejected access token costs no login.
#[tokio::test(start_paused = true)]
async fn a_rejected_token_is_renewed_by_its_refresh_token() {
    let lifetime = Lifetime::Stated(Duration::from_secs(600));
    let provider = ScriptedProvider::new(LATENCY, Renewal::RefreshToken, lifetime);
    let first = crate::api::grant("first", lifetime.duration());
    let refresh = token_core::RefreshToken::new("refresh-me").ok();
    provider.on_obtain(Ok(first.with_refresh(refresh)));
    let api = Api::default();
    let service = api.authorized(&manager(&provider));
    assert_eq!(service.status().await, StatusCode::OK);

    api.accept_only(["token-1"]);
    tokio::time::advance(Duration::from_secs(20)).await;
    assert_eq!(service.status().await, StatusCode::OK);
    assert_eq!((provider.obtains(), provider.refreshes()), (1, 1));
}
