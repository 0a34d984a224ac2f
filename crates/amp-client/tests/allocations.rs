//! What one call of the client costs in allocations, every layer on. This is a program of its own,
//! because its allocator counts.

#![expect(clippy::unwrap_used, reason = "the helpers of a test fail with it")]

use allocation_counter::measure;
use amp_client::ApiClient;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::runtime::Runtime;
use transport::{TestStream, Transport};

const CALLS: u64 = 100;

/// Answers without an allocation of its own, and with a list that needs none to be read.
async fn serve(mut io: DuplexStream) {
    let mut buffer = [0; 4096];
    let mut filled = 0;
    loop {
        match io.read(&mut buffer[filled..]).await {
            Ok(0) | Err(_) => return,
            Ok(more) => filled += more,
        }
        if buffer[..filled].ends_with(b"\r\n\r\n") {
            filled = 0;
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n[]";
            if io.write_all(answer).await.is_err() {
                return;
            }
        }
    }
}

fn in_memory() -> Transport {
    let transport = Transport::builder().with_connector(|_| {
        let (client, server) = duplex(64 * 1024);
        tokio::spawn(serve(server));
        async move { Ok(TestStream::http1(client)) }
    });
    transport.build().unwrap()
}

fn calls(runtime: &Runtime, client: &ApiClient) {
    runtime.block_on(async {
        for _ in 0..CALLS {
            assert_eq!(client.get_assets().await.unwrap(), []);
        }
    });
}

// Six are the transport's: hyper and hyper-util. The others: the path and its count 2, the call's
// context 1 and its place in the extensions 3, the headers 2, and the erased stack with its future 2.
// A copy of the extensions for another try would be three more in each of two layers, a copy of a
// header two.
#[test]
fn a_call_through_the_whole_stack_costs_seventeen_allocations() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let client = ApiClient::builder()
        .base_url("http://127.0.0.1:1/api")
        .mock_token("0123456789abcdef0123456789abcdef01234567")
        .transport(in_memory());
    let client = runtime.block_on(client.build()).unwrap();
    calls(&runtime, &client);
    let counted = measure(|| calls(&runtime, &client)).count_total;
    assert!(counted > 0, "the counter counts");
    assert!(counted <= 17 * CALLS, "{counted} for {CALLS} calls");
}
