//! The way to the service, as the settings describe it.

use amp_client::{ApiClient, Config, Error, ErrorKind, Proxy};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// A proxy that refuses one tunnel, and what it was asked.
async fn refusing_proxy() -> (u16, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let asked = tokio::spawn(async move {
        let (mut io, _) = listener.accept().await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(io.read_u8().await.unwrap());
        }
        io.write_all(b"HTTP/1.1 407 Who\r\n\r\n").await.unwrap();
        String::from_utf8(head).unwrap()
    });
    (port, asked)
}

// W-A11: what the proxy refuses is not asked twice.
#[tokio::test]
async fn requests_go_to_the_proxy_that_is_set_and_its_refusal_is_a_matter_of_settings() {
    let (port, asked) = refusing_proxy().await;
    let proxy = Proxy::new(&format!("http://user:hunter2@127.0.0.1:{port}")).unwrap();
    let client = ApiClient::builder()
        .settings(Config::builder().proxy(proxy))
        .base_url("https://amp.example/api")
        .mock_token("0123")
        .build()
        .await
        .unwrap();
    let error = client.get_assets().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration, "{error}");
    assert!(
        !format!("{error} {error:?}").contains("hunter2"),
        "{error:?}"
    );
    let asked = asked.await.unwrap();
    assert!(
        asked.starts_with("CONNECT amp.example:443 HTTP/1.1"),
        "{asked}"
    );
    assert!(!asked.contains("0123"), "{asked}");
}

#[tokio::test]
async fn a_file_without_authorities_is_told_when_the_client_is_built() {
    let place = tempfile::tempdir().unwrap();
    let empty = place.path().join("hunter2.pem");
    std::fs::write(&empty, "nothing").unwrap();
    let missing = place.path().join("hunter2-missing.pem");
    for (path, text) in [
        (empty, "the text holds no certificate"),
        (missing, "the file cannot be read"),
    ] {
        let vars = move |name: &str| (name == "AMP_CA_FILE").then(|| path.clone().into());
        let built = ApiClient::builder().environment(vars).build().await;
        let Err(Error::Config(error)) = built else {
            panic!("{built:?}");
        };
        let shown = error.to_string();
        assert!(shown.contains(text), "{shown}");
        assert!(shown.contains("AMP_CA_FILE"), "{shown}");
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}

#[tokio::test]
async fn a_file_with_authorities_is_taken() {
    let pem = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../transport/tests/fixtures/ca.pem"
    );
    let settings = Config::builder().ca_file(pem);
    ApiClient::builder()
        .settings(settings)
        .build()
        .await
        .unwrap();
}
