//! The faults over HTTP/1.1, byte by byte.

use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Duration, sleep};

use super::{Io, Server, hold};
use crate::fault::Fault;

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n";

pub(super) async fn serve(server: Server, number: usize, mut io: impl Io) -> io::Result<()> {
    let mut closing = false;
    loop {
        let Some((path, token)) = read(&mut io).await? else {
            return Ok(());
        };
        if closing {
            server.note_arrival(number, &path, &token, None);
            return Ok(());
        }
        let fault = server.arrive(number, &path, &token).await;
        let mut write = async |text: &str| io.write_all(text.as_bytes()).await;
        match fault {
            None => write(OK).await?,
            Some(Fault::CloseAfter) => return write(OK).await,
            Some(Fault::CloseAfterNext) => {
                write(OK).await?;
                closing = true;
            }
            Some(Fault::ResetWithinHead) => return write("HTTP/1.1 200 OK\r\ncontent-le").await,
            Some(Fault::HalfBody | Fault::ShortBody) => {
                return write(&format!("{HEAD}half")).await;
            }
            Some(Fault::StallHead) => return hold(io).await,
            Some(Fault::StallBody) => {
                write(&format!("{HEAD}half")).await?;
                return hold(io).await;
            }
            Some(Fault::Drip) => {
                write(HEAD).await?;
                for _ in 0..100 {
                    sleep(Duration::from_secs(1)).await;
                    write("x").await?;
                }
            }
            Some(Fault::LongBody) => {
                write(&format!(
                    "{OK}HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil"
                ))
                .await?;
            }
            Some(Fault::HugeHead) => {
                let value = "x".repeat(1024 * 1024);
                write(&format!("HTTP/1.1 200 OK\r\nx: {value}\r\n\r\n")).await?;
            }
            Some(Fault::EndlessBody) => {
                write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await?;
                let chunk = format!("1000\r\n{}\r\n", "x".repeat(0x1000));
                loop {
                    write(&chunk).await?;
                }
            }
            Some(Fault::UnauthorizedAfter(delay)) => {
                sleep(Duration::from_secs(delay.into())).await;
                write(&answer(401, Fault::Unauthorized)).await?;
            }
            Some(fault) => match fault.status() {
                Some(status) => write(&answer(status, fault)).await?,
                None => return Ok(()),
            },
        }
    }
}

fn answer(status: u16, fault: Fault) -> String {
    let wait = fault.retry_after();
    let wait = wait.map_or_else(String::new, |wait| format!("retry-after: {wait}\r\n"));
    format!("HTTP/1.1 {status} Reason\r\n{wait}content-length: 2\r\n\r\nno")
}

/// Reads one request: its path and its token.
async fn read(io: &mut impl Io) -> io::Result<Option<(String, String)>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match io.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            Err(error) => return Err(error),
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let length = value(&head, "content-length").map_or(0, |text| text.parse().unwrap());
    io.read_exact(&mut vec![0; length]).await?;
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let token = value(&head, "authorization").unwrap_or("no token");
    Ok(Some((path, token.to_owned())))
}

fn value<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = head.lines().filter_map(|line| line.split_once(": "));
    lines
        .find(|(found, _)| *found == name)
        .map(|(_, value)| value)
}
