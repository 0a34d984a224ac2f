//! What nobody can do without: hyper, and hyper with a pool.

use amp_api::Asset;
use anyhow::{Context, Result};
use bytes::Bytes;
use http::header::{AUTHORIZATION, HOST};
use http::{HeaderValue, Request, Uri};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;

use super::{Client, PATH, authorization, decode};

fn request(uri: Uri, authorization: &HeaderValue) -> Request<Full<Bytes>> {
    let mut request = Request::new(Full::default());
    *request.uri_mut() = uri;
    let authorization = authorization.clone();
    request.headers_mut().insert(AUTHORIZATION, authorization);
    request
}

/// One connection for each caller, without a pool: the least that hyper can do.
#[derive(Debug)]
pub(super) struct HyperConn {
    address: String,
    host: HeaderValue,
    authorization: HeaderValue,
    sender: SendRequest<Full<Bytes>>,
}

impl HyperConn {
    /// A connection to the service at this address.
    pub(super) async fn connect(address: &str) -> Result<Self> {
        let host = address.strip_prefix("http://").context("no address")?;
        let stream = TcpStream::connect(host).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self {
            address: address.to_owned(),
            host: host.parse()?,
            authorization: authorization()?,
            sender,
        })
    }
}

impl Client for HyperConn {
    async fn another(&self) -> Result<Self> {
        Self::connect(&self.address).await
    }

    async fn get(&mut self) -> Result<Vec<Asset>> {
        self.sender.ready().await?;
        let mut request = request(Uri::from_static(PATH), &self.authorization);
        request.headers_mut().insert(HOST, self.host.clone());
        let answer = self.sender.send_request(request).await?;
        let status = answer.status();
        let body = answer.into_body().collect().await?.to_bytes();
        decode(status, &body)
    }
}

type Pool = hyper_util::client::legacy::Client<HttpConnector, Full<Bytes>>;

/// hyper-util's client with its defaults, a header and the decoding; nothing around it.
#[derive(Clone, Debug)]
pub(super) struct HyperUtilJson {
    client: Pool,
    uri: Uri,
    authorization: HeaderValue,
}

impl HyperUtilJson {
    /// A client of the service at this address.
    pub(super) fn new(address: &str) -> Result<Self> {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = hyper_util::client::legacy::Client::builder(TokioExecutor::new());
        Ok(Self {
            client: client.build(connector),
            uri: format!("{address}{PATH}").parse()?,
            authorization: authorization()?,
        })
    }
}

impl Client for HyperUtilJson {
    async fn another(&self) -> Result<Self> {
        Ok(self.clone())
    }

    async fn get(&mut self) -> Result<Vec<Asset>> {
        let request = request(self.uri.clone(), &self.authorization);
        let answer = self.client.request(request).await?;
        let status = answer.status();
        let body = answer.into_body().collect().await?.to_bytes();
        decode(status, &body)
    }
}
