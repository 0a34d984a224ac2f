//! A plain HTTP/1.1 client on the sandbox's in-memory connections.

use std::time::Duration;

use amp_sandbox::{DEFAULT_PASSWORD, DEFAULT_USERNAME, Sandbox};
use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite};

pub(crate) struct Client {
    sender: SendRequest<Full<Bytes>>,
    token: Option<String>,
    scheme: &'static str,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Client {
    pub(crate) async fn connect(sandbox: &Sandbox) -> Self {
        Self::over(sandbox.connect()).await
    }

    pub(crate) async fn over<I: AsyncRead + AsyncWrite + Unpin + Send + 'static>(io: I) -> Self {
        let (sender, connection) = handshake(TokioIo::new(io)).await.unwrap();
        tokio::spawn(connection);
        Self {
            sender,
            token: None,
            scheme: "token",
        }
    }

    /// A client that has logged in.
    pub(crate) async fn logged_in(sandbox: &Sandbox) -> Self {
        let mut client = Self::connect(sandbox).await;
        client.token = Some(client.log_in().await);
        client
    }

    pub(crate) async fn log_in(&mut self) -> String {
        let answer = self.post("/user/obtain_token", &credentials()).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()["token"].as_str().unwrap().to_owned()
    }

    pub(crate) fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    pub(crate) fn use_token(&mut self, token: impl Into<String>) {
        self.token = Some(token.into());
    }

    #[cfg(feature = "cidx")]
    pub(crate) fn use_bearer(&mut self, token: &str) {
        self.scheme = "Bearer";
        self.use_token(token);
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, Bytes::new()).await.unwrap()
    }

    pub(crate) async fn put(&mut self, path: &str) -> Answer {
        self.send("PUT", path, Bytes::new()).await.unwrap()
    }

    pub(crate) async fn post(&mut self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, body.to_string()).await.unwrap()
    }

    pub(crate) async fn put_json(&mut self, path: &str, body: &Value) -> Answer {
        self.send("PUT", path, body.to_string()).await.unwrap()
    }

    pub(crate) async fn delete(&mut self, path: &str) -> Answer {
        self.send("DELETE", path, Bytes::new()).await.unwrap()
    }

    /// A request to what steers the sandbox.
    pub(crate) async fn control(&mut self, method: &str, name: &str, body: &Value) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(format!("/_sandbox/{name}"))
            .header("host", "localhost")
            .body(Full::new(Bytes::from(body.to_string())))
            .unwrap();
        self.send_raw(request).await.unwrap()
    }

    pub(crate) async fn try_get(&mut self, path: &str) -> Result<Answer, hyper::Error> {
        self.send("GET", path, Bytes::new()).await
    }

    pub(crate) async fn try_issue(&mut self) -> Result<Answer, hyper::Error> {
        self.send("POST", "/assets/issue", issuance().to_string())
            .await
    }

    pub(crate) async fn send(
        &mut self,
        method: &str,
        path: &str,
        body: impl Into<Bytes>,
    ) -> Result<Answer, hyper::Error> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("/api{path}"))
            .header("host", "localhost");
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("{} {token}", self.scheme));
        }
        let request = request
            .header("content-type", "application/json")
            .body(Full::new(body.into()))
            .unwrap();
        self.send_raw(request).await
    }

    pub(crate) async fn send_raw(
        &mut self,
        request: Request<Full<Bytes>>,
    ) -> Result<Answer, hyper::Error> {
        Answer::read(self.head(request).await?).await
    }

    /// The head alone; the body is still to come.
    pub(crate) async fn head(
        &mut self,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, hyper::Error> {
        self.sender.ready().await?;
        self.sender.send_request(request).await
    }
}

impl Answer {
    async fn read(response: Response<Incoming>) -> Result<Self, hyper::Error> {
        let (head, body) = response.into_parts();
        let body = body.collect().await?.to_bytes();
        Ok(Self {
            status: head.status,
            headers: head.headers,
            body,
        })
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {:?}", self.body))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

/// The body of a login.
pub(crate) fn credentials() -> Value {
    json!({ "username": DEFAULT_USERNAME, "password": DEFAULT_PASSWORD })
}

pub(crate) fn issuance() -> Value {
    json!({
        "name": "Sandbox coin",
        "amount": 1000,
        "destination_address": "vjU8destination",
        "domain": "sandbox.example",
        "ticker": "SBX",
        "pubkey": format!("02{}", "ab".repeat(32)),
    })
}

pub(crate) fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

/// Whether the connection ended inside of a body.
pub(crate) fn is_cut_short(error: &hyper::Error) -> bool {
    let source =
        std::error::Error::source(error).and_then(|source| source.downcast_ref::<std::io::Error>());
    source.is_some_and(|source| source.kind() == std::io::ErrorKind::UnexpectedEof)
}
