//! A server in memory that answers without an allocation of its own, for tests that count them.

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use transport::{TestStream, Transport};

/// A transport to it; every request gets this answer.
pub(crate) fn transport_to(answer: &'static [u8]) -> Transport {
    let transport = Transport::builder().with_connector(move |_| {
        let (client, server) = duplex(64 * 1024);
        tokio::spawn(serve(server, answer));
        async move { Ok(TestStream::http1(client)) }
    });
    transport.build().unwrap()
}

async fn serve(mut io: DuplexStream, answer: &'static [u8]) {
    let mut buffer = [0; 4096];
    let mut filled = 0;
    loop {
        match io.read(&mut buffer[filled..]).await {
            Ok(0) | Err(_) => return,
            Ok(more) => filled += more,
        }
        if buffer[..filled].ends_with(b"\r\n\r\n") {
            filled = 0;
            if io.write_all(answer).await.is_err() {
                return;
            }
        }
    }
}
