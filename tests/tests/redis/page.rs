//! A server with the settings of docs/operations.md.

use std::fs;
use std::net::TcpListener;
use std::process::{Command, Stdio};

use crate::server::RedisServer;

const PAGE: &str = include_str!("../../../docs/operations.md");

/// The block of the page that starts with this line.
fn block(start: &str) -> &'static str {
    let from = PAGE.find(start).unwrap() + start.len();
    PAGE[from..].split("```").next().unwrap()
}

/// A server as the page says, on a free port, and its URL without user.
pub(crate) fn server_of_the_page() -> (RedisServer, String) {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let settings = block("```text\n# redis.conf\n").replace("6379", &port.to_string());
    let server = RedisServer::prepared(|folder| {
        let script = ["-e", "-c", block("```sh\n")];
        let mut openssl = Command::new("sh");
        let made = openssl
            .args(script)
            .current_dir(folder)
            .stderr(Stdio::null());
        assert!(made.status().unwrap().success());
        fs::write(folder.join("redis.conf"), &settings).unwrap();
    });
    (server, format!("localhost:{port}"))
}
