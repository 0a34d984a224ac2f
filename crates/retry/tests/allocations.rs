//! What the layers cost in allocations. This is a program of its own, because its allocator counts.

#![expect(clippy::unwrap_used, reason = "the helpers of a test fail with it")]

use allocation_counter::measure;
use bytes::Bytes;
use http::{Request, Response, Uri};
use retry::StackBuilder;
use token_core::{CallContext, Idempotency};
use tokio::runtime::Runtime;
use tower::{BoxError, Layer, Service, service_fn};

const REQUESTS: usize = 100;

/// Requests as a client makes them, with the context of their call.
fn requests() -> Vec<Request<Bytes>> {
    let request = || {
        let mut request = Request::new(Bytes::new());
        *request.uri_mut() = Uri::from_static("https://api.example.com/info");
        let context = CallContext::new(Idempotency::Safe);
        request.extensions_mut().insert(context);
        request
    };
    (0..REQUESTS).map(|_| request()).collect()
}

fn send<S>(runtime: &Runtime, service: &mut S, requests: Vec<Request<Bytes>>)
where
    S: Service<Request<Bytes>, Response = Response<Bytes>, Error = BoxError>,
{
    runtime.block_on(async {
        for request in requests {
            service.call(request).await.unwrap();
        }
    });
}

// A request that may be repeated is copied; its timers run. Nothing of that is on the heap. The runtime may
// make room for itself once.
#[test]
fn all_layers_together_do_not_allocate_for_a_request_that_succeeds() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let mut service = StackBuilder::new().layer(service_fn(|_: Request<Bytes>| async {
        tokio::task::yield_now().await;
        Ok::<_, BoxError>(Response::new(Bytes::new()))
    }));
    send(&runtime, &mut service, requests());
    let made = measure(|| drop(requests())).count_total;
    assert!(made > 0, "the counter counts");
    let requests = requests();
    let counted = measure(|| send(&runtime, &mut service, requests)).count_total;
    assert!(counted < REQUESTS as u64, "{counted}");
}
