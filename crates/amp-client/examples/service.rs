//! A service that runs for long: one client for all its tasks, numbers for whoever watches it, and
//! an orderly end.
//!
//! ```console
//! AMP_USERNAME=… AMP_PASSWORD=… cargo run -p amp-client --features metrics --example service -- 127.0.0.1:9000
//! curl http://127.0.0.1:9000/metrics
//! ```
#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::convert::Infallible;
use std::env;
use std::error::Error;
use std::time::Duration;

use amp_client::{ApiClient, ApiClientBuilder, TokenMetrics};
use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::net::TcpListener;
use tokio::time::{MissedTickBehavior, interval};

/// How often the service does its work.
const EVERY: Duration = Duration::from_secs(30);

/// What the endpoint tells.
#[derive(Clone)]
struct Watched {
    client: ApiClient,
    metrics: TokenMetrics,
    recorder: PrometheusHandle,
}

impl Watched {
    /// A client whose token is watched.
    async fn new(client: ApiClientBuilder) -> Result<Self, Box<dyn Error>> {
        let recorder = PrometheusBuilder::new().install_recorder()?;
        let metrics = TokenMetrics::new("amp");
        let client = client.token_events(metrics.clone()).build().await?;
        Ok(Self {
            client,
            metrics,
            recorder,
        })
    }

    fn answer(&self, path: &str) -> Response<String> {
        let status = self.client.token_status();
        let (code, text) = match path {
            "/metrics" => {
                // What remains runs down between two events.
                self.metrics.observe(&status);
                (StatusCode::OK, self.recorder.render())
            }
            // A token that is renewed behind the scenes is no reason to be unwell.
            "/healthz" => (StatusCode::OK, format!("{status}\n")),
            _ => (StatusCode::NOT_FOUND, String::new()),
        };
        let mut answer = Response::new(text);
        *answer.status_mut() = code;
        answer
    }

    /// Serves the endpoint until it is dropped.
    async fn serve(self, listener: TcpListener) {
        while let Ok((stream, _)) = listener.accept().await {
            let watched = self.clone();
            let answer = service_fn(move |request: Request<Incoming>| {
                let answer = watched.answer(request.uri().path());
                async move { Ok::<_, Infallible>(answer) }
            });
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), answer));
        }
    }
}

/// The work itself: it never logs in, never refreshes and never waits for either.
async fn work(client: &ApiClient) {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        match client.get_assets().await {
            Ok(assets) => println!("{} assets", assets.len()),
            Err(error) => println!("not this time: {error}"),
        }
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = env::args().nth(1).ok_or("which address for the metrics?")?;
    let watched = Watched::new(ApiClient::builder()).await?;
    let client = watched.client.clone();
    let listener = TcpListener::bind(address).await?;
    tokio::select! {
        () = watched.serve(listener) => {}
        () = work(&client) => {}
        stopped = tokio::signal::ctrl_c() => stopped?,
    }
    // A renewal under way ends and is kept.
    client.close().await;
    Ok(())
}

#[cfg(test)]
mod tests {
    use amp_client::{Credentials, FixedCredentials};
    use amp_sandbox::{DEFAULT_PASSWORD, DEFAULT_USERNAME, Sandbox};
    use bytes::Bytes;
    use tower::ServiceExt as _;
    use transport::Transport;

    use super::*;

    async fn get(url: String) -> String {
        let transport = Transport::builder().build().unwrap();
        let request = Request::get(url).body(Bytes::new()).unwrap();
        let answer = transport.oneshot(request).await.unwrap();
        String::from_utf8(answer.into_body().into()).unwrap()
    }

    #[tokio::test]
    async fn the_endpoint_tells_of_one_login() {
        let sandbox = Sandbox::builder().start().await.unwrap();
        let credentials = Credentials::new(DEFAULT_USERNAME, DEFAULT_PASSWORD);
        let client = ApiClient::builder()
            .base_url(sandbox.base_url())
            .credentials(FixedCredentials::new(credentials));
        let watched = Watched::new(client).await.unwrap();
        let client = watched.client.clone();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let endpoint = tokio::spawn(watched.serve(listener));
        client.get_assets().await.unwrap();
        client.get_assets().await.unwrap();
        let told = get(format!("http://{address}/metrics")).await;
        assert!(
            told.contains("token_logins_total{manager=\"amp\"} 1"),
            "{told}"
        );
        assert!(
            told.contains("token_remaining_seconds{manager=\"amp\"} 8"),
            "{told}"
        );
        let health = get(format!("http://{address}/healthz")).await;
        assert!(health.starts_with("fresh, epoch 1, "), "{health}");
        endpoint.abort();
    }
}
