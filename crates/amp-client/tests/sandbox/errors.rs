//! Failures are told apart, and none of them shows a secret.

use std::time::Duration;

use amp_client::{Error, ErrorKind, Request, Unreadable};
use amp_sandbox::DEFAULT_PASSWORD;
use http::Method;
use token_manager::{Credentials, FixedCredentials};
use tokio::time::Instant;

use crate::rig::{builder, client, everything_in, gold, inject, refusing, service};

// A-68, W-A09
#[tokio::test(start_paused = true)]
async fn a_page_a_broken_body_and_an_unreachable_host_are_told_apart() {
    let service = service();
    let client = client(&service).await;

    inject(&service, &["GET /assets=html"]);
    let error = client.get_assets().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unreadable, "{error:?}");
    assert!(
        matches!(
            error,
            Error::Decode {
                reason: Unreadable::Html,
                ..
            }
        ),
        "{error:?}"
    );
    let text = error.to_string();
    assert!(
        text.starts_with("GET /assets: a list of assets was expected, but "),
        "{text}"
    );
    assert!(text.contains("HTML") && !text.contains('<'), "{text}");

    inject(&service, &["GET /assets=truncated-json"]);
    let error = client.get_assets().await.unwrap_err();
    assert!(
        matches!(
            error,
            Error::Decode {
                reason: Unreadable::Truncated { .. },
                ..
            }
        ),
        "{error:?}"
    );
    assert!(!error.may_have_happened(), "reading changes nothing");

    inject(&service, &["GET /assets=half-body*3"]);
    let error = client.get_assets().await.unwrap_err();
    assert!(matches!(error, Error::Transport { .. }), "{error:?}");
    assert!(error.to_string().contains("ended too early"), "{error}");

    let nowhere = builder(&service)
        .transport(refusing())
        .build()
        .await
        .unwrap();
    let error = nowhere.get_info().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Network, "{error:?}");
    assert!(matches!(error, Error::Transport { .. }), "{error:?}");
    let error = nowhere.get_assets().await.unwrap_err();
    assert_eq!(
        error.kind(),
        ErrorKind::Network,
        "no connection for the token: {error:?}"
    );
    assert!(matches!(error, Error::Token { .. }), "{error:?}");
}

// A-67, W-A14: status, operation and the message of the service.
#[tokio::test(start_paused = true)]
async fn a_refusal_carries_status_operation_and_message() {
    let service = service();
    let client = client(&service).await;
    let error = client
        .get_asset("5b1ed8a4-0000-0000-0000-000000000000")
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.status()),
        (ErrorKind::NotFound, Some(404))
    );
    assert_eq!(
        error.to_string(),
        "GET /assets/{assetUuid}: 404 Not Found: Not found."
    );

    let mut odd = gold();
    odd.ticker = "TOOLONGTICKER".into();
    let error = client.issue_asset(&odd).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.status()),
        (ErrorKind::Refused, Some(400))
    );
    let Error::Api(error) = error else {
        panic!("{error:?}")
    };
    assert!(error.message().unwrap().contains("ticker: "), "{error}");
    assert!(
        !error.call().may_have_happened(),
        "a 400 did nothing: {error:?}"
    );
}

// A-53, A-58: what is left after all tries is the last answer.
#[tokio::test(start_paused = true)]
async fn a_service_that_stays_down_is_tried_three_times_and_its_page_is_not_quoted() {
    let service = service();
    let client = client(&service).await;
    inject(&service, &["GET /assets=503:html*9"]);
    let error = client.get_assets().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.status()),
        (ErrorKind::Server, Some(503))
    );
    assert_eq!(error.call().unwrap().ledger().attempts(), 3);
    assert_eq!(service.count("GET", "/assets"), 3);
    assert!(!error.to_string().contains('<'), "{error}");
}

// A-56: a wait that does not fit is answered at once, with the time to come back.
#[tokio::test(start_paused = true)]
async fn a_limit_longer_than_the_call_may_take_is_an_answer_at_once() {
    let service = service();
    let client = client(&service).await;
    client.get_token().await.unwrap();
    inject(&service, &["GET /assets=429:600"]);
    let begun = Instant::now();
    let error = client.get_assets().await.unwrap_err();
    assert!(
        begun.elapsed() < Duration::from_secs(1),
        "{:?}",
        begun.elapsed()
    );
    assert_eq!(error.kind(), ErrorKind::RateLimited, "{error:?}");
    assert_eq!(
        error.retry_after().map(|wait| wait.as_secs_f64().ceil()),
        Some(600.0)
    );
    assert!(
        error
            .to_string()
            .contains("Rate limited: retry after 600 seconds"),
        "{error}"
    );
}

// A-59: 60 s for each try, 120 s altogether.
#[tokio::test(start_paused = true)]
async fn a_service_that_never_answers_costs_the_total_time_and_no_more() {
    let service = service();
    let client = client(&service).await;
    client.get_token().await.unwrap();
    inject(&service, &["GET /assets=stall*9"]);
    let begun = Instant::now();
    let error = client.get_assets().await.unwrap_err();
    assert_eq!(begun.elapsed().as_secs(), 120);
    assert_eq!(error.kind(), ErrorKind::Network, "{error:?}");
    assert_eq!(
        error.to_string(),
        "GET /assets: Request timeout after 120 seconds"
    );
}

#[tokio::test(start_paused = true)]
async fn a_path_by_hand_gives_the_answer_as_it_came() {
    let service = service();
    let client = client(&service).await;
    let reply = client
        .request(&Request::raw(Method::GET, "/assets").unwrap())
        .await
        .unwrap();
    assert!(reply.error().is_none());
    assert!(reply.body().starts_with(b"["));
    let reply = client
        .request(&Request::raw(Method::GET, "/nowhere").unwrap())
        .await
        .unwrap();
    assert_eq!(reply.status(), 404);
    assert_eq!(reply.body().as_ref(), br#"{"detail":"Not found."}"#);
    let error = reply.error().unwrap();
    assert_eq!(error.to_string(), "GET /nowhere: 404 Not Found: Not found.");

    let request = Request::raw(Method::GET, "/assets")
        .unwrap()
        .without_token();
    let reply = client.request(&request).await.unwrap();
    assert_eq!(reply.status(), 401);
}

// A-74, W-A05, W-A08, W-A09, W-A10
#[tokio::test(start_paused = true)]
async fn no_error_and_no_debug_output_shows_a_password_or_a_token() {
    let faults = [
        "html",
        "truncated-json",
        "500",
        "503",
        "429:600",
        "429",
        "reset",
        "reset-after",
        "half-body",
        "stall",
        "oversized",
    ];
    let mut errors = 0;
    for kind in faults {
        for path in [
            "POST /user/obtain_token",
            "GET /assets",
            "POST /assets/issue",
        ] {
            let service = service();
            let client = client(&service).await;
            let fault = format!("{path}={kind}*9").parse().unwrap();
            let token = match path {
                "POST /user/obtain_token" => None,
                _ => Some(client.get_token().await.unwrap()),
            };
            service.inject(fault);
            let error = match path {
                "POST /assets/issue" => client.issue_asset(&gold()).await.err(),
                _ => client.get_assets().await.err(),
            };
            let Some(error) = error else { continue };
            errors += 1;
            let shown = format!("{}\n{client:?}", everything_in(&error));
            assert!(!shown.contains(DEFAULT_PASSWORD), "{path} {kind}: {shown}");
            if let Some(token) = token {
                assert!(
                    !shown.contains(token.expose_secret()),
                    "{path} {kind}: {shown}"
                );
            }
        }
    }
    assert!(errors > 24, "only {errors} failures were seen");

    let service = service();
    let canary = Credentials::new("issuer", "c4n4ry-p4ss");
    let builder = builder(&service).credentials(FixedCredentials::new(canary));
    assert!(!format!("{builder:?}").contains("c4n4ry"), "{builder:?}");
    let error = builder
        .build()
        .await
        .unwrap()
        .get_token()
        .await
        .unwrap_err();
    assert!(!everything_in(&error).contains("c4n4ry"));
}
