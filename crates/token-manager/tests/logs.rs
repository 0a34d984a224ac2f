//! What is logged, at which level, and what never is.
//!
//! This is a program of its own with one subscriber for all its threads: subscribers of single
//! threads race for the cache of what is enabled. Each test runs on one thread and reads what
//! that thread logged.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::cell::RefCell;
use std::fmt::{Debug, Write};
use std::future::Future;
use std::sync::{LazyLock, Once};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use token_core::{AccessToken, Clock, ErrorClass, Grant, Lifetime, TokenError, TokenFailure};
use token_manager::{
    AuthorizeLayer, Canary, CredentialSource, EnvCredentials, FixedCredentials, JsonLogin,
    JsonProfile, Origins, PausedClock, ScriptedProvider, TokenManager,
};
use tower::{BoxError, Layer, ServiceExt, service_fn};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata, Subscriber, span};

thread_local! {
    static LINES: RefCell<Vec<Line>> = const { RefCell::new(Vec::new()) };
}

/// An event, or the making of a span.
#[derive(Debug)]
struct Line {
    level: Level,
    target: &'static str,
    message: String,
    /// All that it says.
    text: String,
}

struct Recorder;

impl Subscriber for Recorder {
    fn enabled(&self, _metadata: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, attributes: &span::Attributes<'_>) -> span::Id {
        record(attributes.metadata(), |line| attributes.record(line));
        span::Id::from_u64(1)
    }

    fn event(&self, event: &Event<'_>) {
        record(event.metadata(), |line| event.record(line));
    }

    /// Only the span of a flight gets values after it was made.
    fn record(&self, _span: &span::Id, values: &span::Record<'_>) {
        let mut line = Line {
            level: Level::DEBUG,
            target: "token_manager",
            message: String::new(),
            text: "recorded".to_owned(),
        };
        values.record(&mut line);
        LINES.with_borrow_mut(|lines| lines.push(line));
    }

    fn record_follows_from(&self, _span: &span::Id, _follows: &span::Id) {}
    fn enter(&self, _span: &span::Id) {}
    fn exit(&self, _span: &span::Id) {}
}

fn record(metadata: &Metadata<'static>, write: impl FnOnce(&mut Line)) {
    let mut line = Line {
        level: *metadata.level(),
        target: metadata.target(),
        message: String::new(),
        text: metadata.name().to_owned(),
    };
    write(&mut line);
    LINES.with_borrow_mut(|lines| lines.push(line));
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.text, " {field}={value:?}").unwrap();
        if field.name() == "message" {
            self.message = format!("{value:?}");
        }
    }
}

/// All that this thread logs while `task` runs, at every level.
async fn logged(task: impl Future<Output = ()>) -> Vec<Line> {
    static RECORD: Once = Once::new();
    RECORD.call_once(|| tracing::subscriber::set_global_default(Recorder).unwrap());
    LINES.take();
    task.await;
    LINES.take()
}

/// The messages of this crate, each with its level, but for what is said about a store that
/// lives in memory alone.
async fn told(task: impl Future<Output = ()>) -> Vec<(Level, String)> {
    let lines = logged(task).await.into_iter();
    let ours = lines.filter(|line| line.target.starts_with("token_manager"));
    let told = ours.map(|line| (line.level, line.message));
    let about_store = |text: &str| text.is_empty() || text.starts_with("the stored token");
    told.filter(|(_, text)| !about_store(text)).collect()
}

fn scripted() -> (ScriptedProvider, TokenManager) {
    let provider = ScriptedProvider::with_latency(Duration::from_secs(1));
    let builder = TokenManager::builder(provider.clone());
    (provider, builder.clock(PausedClock::new()).seed(7).build())
}

fn outage() -> TokenError {
    TokenError::ObtainFailed(
        TokenFailure::new(ErrorClass::Transient, "it is down").with_attempts(3),
    )
}

fn expected<const N: usize>(lines: [(Level, &str); N]) -> Vec<(Level, String)> {
    lines.map(|(level, text)| (level, text.to_owned())).into()
}

// A-75
#[tokio::test(start_paused = true)]
async fn an_obtained_token_is_info_and_its_retrieval_debug() {
    let (_, manager) = scripted();
    let told = told(async { drop(manager.get_token().await.unwrap()) }).await;
    let lines = [
        (Level::DEBUG, "token flight started"),
        (Level::INFO, "token obtained"),
        (Level::DEBUG, "token retrieved"),
    ];
    assert_eq!(told, expected(lines));
}

// A-75: a healthy manager that keeps its tokens in memory has nothing to warn of.
#[tokio::test(start_paused = true)]
async fn a_healthy_manager_warns_of_nothing() {
    let (_, manager) = scripted();
    let lines = logged(async {
        manager.get_token().await.unwrap();
        manager.refresh_token().await.unwrap();
        manager.clear_token().await.unwrap();
        manager.get_token().await.unwrap();
        manager.close().await;
    });
    let warnings = lines
        .await
        .into_iter()
        .filter(|line| line.level <= Level::WARN);
    assert_eq!(warnings.map(|line| line.text).collect::<Vec<_>>(), [""; 0]);
}

// A-75
#[tokio::test(start_paused = true)]
async fn the_use_of_the_held_token_is_debug() {
    let (_, manager) = scripted();
    manager.get_token().await.unwrap();
    let told = told(async { drop(manager.get_token().await.unwrap()) }).await;
    let lines = [
        (Level::DEBUG, "using the held token"),
        (Level::DEBUG, "token retrieved"),
    ];
    assert_eq!(told, expected(lines));
}

// A-75: the hot path is too hot for that.
#[tokio::test(start_paused = true)]
async fn reading_a_fresh_token_logs_nothing() {
    let (_, manager) = scripted();
    manager.get_token().await.unwrap();
    let lines = logged(async { assert!(manager.try_current().is_some()) }).await;
    assert!(lines.is_empty());
}

// A-75, W-A33
#[tokio::test(start_paused = true)]
async fn an_installed_token_is_info() {
    let (_, manager) = scripted();
    let token = AccessToken::new("installed").unwrap();
    let grant = Grant::new(token, Lifetime::Assumed(Duration::from_secs(60)));
    let asked = PausedClock::new().now();
    let told = told(async {
        let installed = manager.install(grant, &asked, &"new".into()).await;
        installed.unwrap();
    });
    assert_eq!(told.await, expected([(Level::INFO, "token installed")]));
}

// W-A33: the environment cannot be changed, so a person has to.
#[tokio::test]
async fn a_password_that_the_environment_does_not_follow_is_a_warning_without_it() {
    let source = EnvCredentials::new("THE_USER", "THE_PASSWORD", |_| Some("x".into()));
    let lines = logged(async { source.password_changed(&PASSWORD.text().into()) }).await;
    let [line] = lines.as_slice() else {
        panic!("{lines:?}");
    };
    assert_eq!(line.level, Level::WARN);
    assert!(
        line.message.contains("THE_PASSWORD holds the old one"),
        "{line:?}"
    );
    PASSWORD.assert_absent(&line.text);
}

// A-75
#[tokio::test(start_paused = true)]
async fn a_refreshed_token_is_info() {
    let (_, manager) = scripted();
    manager.get_token().await.unwrap();
    let told = told(async { drop(manager.refresh_token().await.unwrap()) }).await;
    let lines = [
        (Level::DEBUG, "token flight started"),
        (Level::INFO, "token refreshed"),
    ];
    assert_eq!(told, expected(lines));
}

// A-27, A-75
#[tokio::test(start_paused = true)]
async fn a_refresh_that_falls_back_to_a_login_is_a_warning() {
    let (provider, manager) = scripted();
    manager.get_token().await.unwrap();
    provider.on_refresh(Err(outage()));
    let told = told(async { drop(manager.refresh_token().await.unwrap()) }).await;
    let lines = [
        (Level::DEBUG, "token flight started"),
        (Level::WARN, "token refresh failed; logging in"),
        (Level::INFO, "token obtained"),
    ];
    assert_eq!(told, expected(lines));
}

// A-75
#[tokio::test(start_paused = true)]
async fn a_retrieval_that_fails_is_an_error() {
    let (provider, manager) = scripted();
    provider.on_obtain(Err(outage()));
    let told = told(async { drop(manager.get_token().await.unwrap_err()) }).await;
    let lines = [
        (Level::DEBUG, "token flight started"),
        (Level::ERROR, "no new token"),
        (Level::ERROR, "no token"),
    ];
    assert_eq!(told, expected(lines));
}

// A-75: callers are still served, so this is no error yet.
#[tokio::test(start_paused = true)]
async fn a_renewal_that_fails_behind_a_usable_token_is_a_warning() {
    let (provider, manager) = scripted();
    manager.get_token().await.unwrap();
    tokio::time::advance(Duration::from_secs(86_400 - 200)).await;
    provider.on_refresh(Err(outage())).on_obtain(Err(outage()));
    let told = told(async {
        manager.get_token().await.unwrap();
        tokio::time::sleep(Duration::from_secs(3)).await;
    })
    .await;
    let lines = [
        (Level::DEBUG, "token flight started"),
        (Level::DEBUG, "using the held token"),
        (Level::DEBUG, "token retrieved"),
        (Level::WARN, "token refresh failed; logging in"),
        (Level::WARN, "no new token; the held one is still used"),
    ];
    assert_eq!(told, expected(lines));
}

// A-75: who looks for a slow login finds all of it in one place.
#[tokio::test(start_paused = true)]
async fn the_span_of_a_flight_says_what_it_was_for_and_how_it_ended() {
    let (provider, manager) = scripted();
    let spans = async |task: &str| {
        let lines = logged(async {
            drop(manager.refresh_token().await);
        });
        let lines = lines.await.into_iter().map(|line| line.text);
        let span = |line: &String| line.starts_with("token_flight") || line.starts_with("recorded");
        let text = lines.filter(span).collect::<Vec<_>>().join(" ");
        assert!(text.contains("token_flight"), "{task}");
        text
    };
    let obtained = spans("a login").await;
    for field in [
        "flight=1",
        "goal=\"refresh\"",
        "outcome=\"obtained\"",
        "epoch=1",
        "generation=1",
        "source=\"obtained\"",
        "elapsed=1s",
    ] {
        assert!(obtained.contains(field), "{field} in {obtained}");
    }
    provider.on_refresh(Err(outage())).on_obtain(Err(outage()));
    let failed = spans("a failure").await;
    for field in ["flight=2", "outcome=\"failed\"", "attempts=3", "elapsed=2s"] {
        assert!(failed.contains(field), "{field} in {failed}");
    }
}

static USER: LazyLock<Canary> = LazyLock::new(|| Canary::new("user"));
static PASSWORD: LazyLock<Canary> = LazyLock::new(|| Canary::new("password"));
static TOKEN: LazyLock<Canary> = LazyLock::new(|| Canary::new("token"));

/// A token endpoint and an API in one, which quotes secrets in every answer.
async fn gossip(request: Request<Bytes>) -> Result<Response<Bytes>, token_core::Stopped> {
    let (token, password) = (TOKEN.text(), PASSWORD.text());
    let (status, body) = match request.uri().path() {
        "/api/user/obtain_token" => (200, format!(r#"{{"token":"{token}"}}"#)),
        "/api/user/refresh-token" => (500, format!("{token} was not refreshed")),
        "/api/broken/user/obtain_token" => (400, format!(r#"{{"password":"{password}"}}"#)),
        "/api/half/user/obtain_token" => (200, format!(r#"{{"token":"{token}"#)),
        _ => (401, format!("{token} is invalid")),
    };
    let answer = Response::builder().status(status);
    Ok(answer.body(Bytes::from(body)).unwrap())
}

fn manager_at(base_url: &str) -> TokenManager {
    let credentials = FixedCredentials::new(PASSWORD.credentials(&USER.text()));
    let base_url = base_url.parse().unwrap();
    let profile = JsonProfile::amp();
    let login = JsonLogin::new(service_fn(gossip), &base_url, profile, credentials);
    let builder = TokenManager::builder(login);
    builder.clock(PausedClock::new()).build()
}

async fn whole_life() {
    let manager = manager_at("https://amp.example/api");
    manager.get_token().await.unwrap();
    manager.get_token().await.unwrap();
    manager.refresh_token().await.unwrap();
    let origins = Origins::of(&"https://amp.example/api".parse().unwrap());
    let api = service_fn(|request| async { gossip(request).await.map_err(BoxError::from) });
    let api = AuthorizeLayer::new(manager.clone(), origins).layer(api);
    for _ in 0..2 {
        tokio::time::advance(Duration::from_secs(60)).await;
        let request = Request::get("https://amp.example/api/info").body(Bytes::new());
        let answer = api.clone().oneshot(request.unwrap()).await;
        drop(answer);
    }
    manager.clear_token().await.unwrap();
    manager.load().await;
    manager.close().await;
    for base_url in [
        "https://amp.example/api/broken",
        "https://amp.example/api/half",
    ] {
        manager_at(base_url).get_token().await.unwrap_err();
    }
}

// A-74, W-A08, W-A10
#[tokio::test(start_paused = true)]
async fn no_log_line_holds_a_credential_or_a_token() {
    let lines = logged(whole_life()).await;
    assert!(lines.len() > 15, "only {} lines", lines.len());
    for line in &lines {
        for canary in [&*USER, &*PASSWORD, &*TOKEN] {
            canary.assert_absent(&line.text);
        }
    }
}
