//! The server of the stack's benches, a process of its own: the least that a server can do, so that
//! it is not what is measured. It prints its address, serves loopback, and ends with its input.

use std::io::{Read as _, Write as _};

use anyhow::Result;
use benches::stack::{ASSETS, PATH};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stdout, reason = "this is how it says where it is")]
async fn main() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    std::io::stdout().flush()?;
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    let answer = answer().leak();
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(serve(stream, answer));
    }
}

/// What an answer of the service looks like.
fn answer() -> Vec<u8> {
    let length = ASSETS.len();
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\
         date: Sat, 21 Nov 2026 12:00:00 GMT\r\nvary: Accept\r\n\r\n{ASSETS}"
    )
    .into_bytes()
}

/// Answers each request as it comes; anything but the one that is expected ends the connection.
async fn serve(mut stream: TcpStream, answer: &[u8]) {
    let start = format!("GET {PATH} HTTP/1.1\r\n");
    let (mut buffer, mut filled) = ([0; 4096], 0);
    loop {
        match stream.read(&mut buffer[filled..]).await {
            Ok(0) | Err(_) => return,
            Ok(more) => filled += more,
        }
        if !buffer[..filled].ends_with(b"\r\n\r\n") {
            continue;
        }
        if !buffer.starts_with(start.as_bytes()) || stream.write_all(answer).await.is_err() {
            return;
        }
        filled = 0;
    }
}
