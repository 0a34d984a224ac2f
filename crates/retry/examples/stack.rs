//! All layers in their order, and somebody who counts what they do: `cargo run -p retry --example stack`.
#![expect(clippy::print_stdout, reason = "an example shows what it does")]

mod server;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use retry::{
    AttemptEnd, CallEnd, CallObserver, CircuitBreaker, CircuitBreakerLayer, ConcurrencyLimitLayer,
    DeadlineLayer, RetryLayer, RetryPolicy, StackBuilder,
};
use token_core::{CallContext, Idempotency, RetryConfig};
use tower::{BoxError, Layer, ServiceExt, service_fn};

/// Counts; a real one feeds a histogram.
#[derive(Debug, Default)]
struct Counter {
    calls: AtomicU32,
    attempts: AtomicU32,
    resends: AtomicU32,
}

impl CallObserver for Counter {
    fn attempt_ended(&self, attempt: &AttemptEnd<'_>) {
        self.attempts.fetch_add(1, Ordering::Relaxed);
        if attempt.resend_count > 0 {
            self.resends.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn call_ended(&self, _: &CallEnd<'_>) {
        self.calls.fetch_add(1, Ordering::Relaxed);
    }
}

/// One call through everything, over the errors of whoever sends.
async fn fetch(server: SocketAddr, counter: Arc<Counter>) -> Result<Response<Bytes>, BoxError> {
    let hyper = Client::builder(TokioExecutor::new()).build_http();
    let transport = service_fn(move |request: Request<Bytes>| {
        let answer = hyper.request(request.map(Full::new));
        async move {
            let (head, body) = answer.await?.into_parts();
            Ok::<_, BoxError>(Response::from_parts(head, body.collect().await?.to_bytes()))
        }
    });
    let config = RetryConfig::builder().with_base_delay(Duration::from_millis(10));
    let breaker = CircuitBreaker::default();
    let service = StackBuilder::new()
        .with_deadline(DeadlineLayer::new(Duration::from_secs(30)))
        .with_retry(RetryLayer::new(RetryPolicy::new(&config.build()?)))
        .with_circuit_breaker(CircuitBreakerLayer::new(breaker))
        .with_concurrency_limit(ConcurrencyLimitLayer::new(4))
        .with_observer(counter)
        .layer(transport);

    let call = CallContext::new(Idempotency::Safe);
    let request = Request::get(format!("http://{server}/")).extension(call);
    service.oneshot(request.body(Bytes::new())?).await
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BoxError> {
    let server = server::start(&["503 Service Unavailable", LIMITED]).await?;
    let counter = Arc::new(Counter::default());
    let answer = fetch(server, Arc::clone(&counter)).await?;
    println!("{}: {counter:?}", answer.status());
    Ok(())
}

/// An answer that asks for a pause, which all callers of the server then keep.
const LIMITED: &str = "429 Too Many Requests\r\nretry-after: 0.05";

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_call_is_told_once_and_each_of_its_tries_too() {
        let server = server::start(&["503 Service Unavailable", LIMITED]);
        let counter = Arc::new(Counter::default());
        let answer = fetch(server.await.unwrap(), Arc::clone(&counter)).await;
        assert_eq!(answer.unwrap().body(), "hello");
        let counts = [&counter.calls, &counter.attempts, &counter.resends];
        let counts = counts.map(|count| count.load(Ordering::Relaxed));
        assert_eq!(counts, [1, 3, 2]);
    }
}
