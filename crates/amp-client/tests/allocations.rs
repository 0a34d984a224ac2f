//! What one call of the client costs in allocations, every layer on. This is a program of its own,
//! because its allocator counts.

#![expect(clippy::unwrap_used, reason = "the helpers of a test fail with it")]

#[path = "../../transport/tests/server/frugal.rs"]
mod frugal;

use allocation_counter::measure;
use amp_client::ApiClient;
use tokio::runtime::Runtime;

const CALLS: u64 = 100;

/// A list that needs none to be read.
const EMPTY: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n[]";

fn calls(runtime: &Runtime, client: &ApiClient) {
    runtime.block_on(async {
        for _ in 0..CALLS {
            assert_eq!(client.get_assets().await.unwrap(), []);
        }
    });
}

// Six are the transport's: hyper and hyper-util. The others: the call's context 1 and its place in the
// extensions 3, the headers 2, the future of the whole stack 1, and the copy of the request for a replay 1.
// A copy of the extensions would be three more, a copy of a header two, an address that is put together
// anew two.
#[test]
fn a_call_through_the_whole_stack_costs_fourteen_allocations() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let client = ApiClient::builder()
        .base_url("http://127.0.0.1:1/api")
        .mock_token("0123456789abcdef0123456789abcdef01234567")
        .transport(frugal::transport_to(EMPTY));
    let client = runtime.block_on(client.build()).unwrap();
    calls(&runtime, &client);
    let counted = measure(|| calls(&runtime, &client)).count_total;
    assert!(counted > 0, "the counter counts");
    assert!(counted <= 14 * CALLS, "{counted} for {CALLS} calls");
}
