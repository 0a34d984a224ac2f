//! What one request costs in allocations. This is a program of its own, because its allocator counts.

#![expect(clippy::unwrap_used, reason = "the helpers of a test fail with it")]

#[path = "server/frugal.rs"]
mod frugal;

use allocation_counter::measure;
use bytes::Bytes;
use http::{HeaderValue, Request};
use token_core::{CallContext, Idempotency};
use tokio::runtime::Runtime;
use tower_service::Service;
use transport::Transport;

const REQUESTS: u64 = 100;

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// A request with a prepared header and call, as the layers above make it.
fn request(call: &CallContext) -> Request<Bytes> {
    let mut request = Request::new(Bytes::new());
    *request.uri_mut() = http::Uri::from_static("http://api.example.com/info");
    let authorization = HeaderValue::from_static("token x");
    request.headers_mut().insert("authorization", authorization);
    request.extensions_mut().insert(call.clone());
    request
}

fn requests(runtime: &Runtime, transport: &mut Transport, call: &CallContext) {
    runtime.block_on(async {
        for _ in 0..REQUESTS {
            let answer = transport.call(request(call)).await.unwrap();
            assert_eq!(answer.body(), "ok");
        }
    });
}

// All six are those of hyper and hyper-util. A `Host` that is written for each request would be one more, two with a port,
// and a connection captured for its abort four.
#[test]
fn a_request_on_a_known_connection_costs_six_allocations() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut transport = frugal::transport_to(OK);
    let call = CallContext::new(Idempotency::Safe);
    requests(&runtime, &mut transport, &call);
    let made = measure(|| (0..REQUESTS).for_each(|_| drop(request(&call)))).count_total;
    let all = measure(|| requests(&runtime, &mut transport, &call)).count_total;
    assert!(made > 0, "the counter counts");
    assert!(
        all - made <= 6 * REQUESTS,
        "{made} of {all} are the requests"
    );
}
