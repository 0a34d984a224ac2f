//! A server on this machine that plays a script.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Starts a server that answers with these status lines, header lines included, and then with 200.
pub(crate) async fn start(answers: &'static [&'static str]) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        let mut answers = answers.iter();
        while let Ok((stream, _)) = listener.accept().await {
            let answer = answers.next().unwrap_or(&"200 OK");
            if play(stream, answer).await.is_err() {
                return;
            }
        }
    });
    Ok(address)
}

/// One request for each connection, and a body of five bytes.
async fn play(mut stream: TcpStream, answer: &str) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let rest = "connection: close\r\ncontent-length: 5\r\n\r\nhello";
    let answer = format!("HTTP/1.1 {answer}\r\n{rest}");
    stream.write_all(answer.as_bytes()).await
}
