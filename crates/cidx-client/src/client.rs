//! The client.

use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, Response, header};
use serde::{Serialize, de::DeserializeOwned};
use token_core::{CallContext, Idempotency};
use token_manager::{CredentialSource, TokenManager};
use tower::ServiceExt as _;

use crate::{CidxClientBuilder, CidxError, stack::Stack};

/// A client of a CIDX server. A clone is a reference count and shows the same client: one token, one
/// pool of connections, one pace after a 429.
///
/// # Cancel safety
///
/// Dropping a call's future drops its try: a request that was sent may still take effect. A token
/// that is being obtained for it is obtained nonetheless.
#[derive(Clone, Debug)]
pub struct CidxClient {
    pub(crate) base_url: Arc<str>,
    pub(crate) stack: Stack,
    pub(crate) tokens: TokenManager,
}

impl CidxClient {
    /// Starts the description of a client of this server, which asks `credentials` at every login.
    pub fn builder(base_url: &str, credentials: impl CredentialSource) -> CidxClientBuilder {
        CidxClientBuilder::new(base_url, credentials)
    }

    /// Sends a request to a path of the server, such as `/api/repos`, and hands out the answer as it
    /// is, whatever its status. A host in the request does not count.
    ///
    /// A GET or HEAD may be sent twice, anything else only when it certainly had no effect (C-60,
    /// X-24); a [`CallContext`] among the request's extensions says it better.
    ///
    /// # Errors
    ///
    /// Why there is no answer.
    pub async fn request(&self, request: Request<Bytes>) -> Result<Response<Bytes>, CidxError> {
        let (mut head, body) = request.into_parts();
        let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
        let uri = format!("{}{path}", self.base_url).parse();
        head.uri = uri.map_err(|error: http::uri::InvalidUri| CidxError::settings(error))?;
        let class = match head.method {
            Method::GET | Method::HEAD => Idempotency::Safe,
            _ => Idempotency::OnlyIfUnprocessed,
        };
        head.extensions
            .get_or_insert_with(|| CallContext::new(class));
        let request = Request::from_parts(head, body);
        self.stack.clone().oneshot(request).await
    }

    /// Reads JSON from a path.
    ///
    /// # Errors
    ///
    /// Why there is no answer of that type.
    pub async fn get_json<T: DeserializeOwned>(&self, path: &str) -> Result<T, CidxError> {
        self.json(Request::get(path), Bytes::new()).await
    }

    /// Posts JSON to a path and reads the answer.
    ///
    /// # Errors
    ///
    /// Why there is no answer of that type.
    pub async fn post_json<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &(impl Serialize + Sync),
    ) -> Result<T, CidxError> {
        let body = serde_json::to_vec(body).map_err(CidxError::settings)?;
        self.json(Request::post(path), body.into()).await
    }

    async fn json<T: DeserializeOwned>(
        &self,
        request: http::request::Builder,
        body: Bytes,
    ) -> Result<T, CidxError> {
        let json = "application/json";
        let request = request
            .header(header::ACCEPT, json)
            .header(header::CONTENT_TYPE, json);
        let answer = self
            .request(request.body(body).map_err(CidxError::settings)?)
            .await?;
        if !answer.status().is_success() {
            let status = answer.status();
            return Err(CidxError::Answer { status });
        }
        serde_json::from_slice(answer.body()).map_err(|_| CidxError::Unreadable)
    }

    /// The manager of the token.
    pub const fn tokens(&self) -> &TokenManager {
        &self.tokens
    }

    /// Starts no further token request, waits for the one under way and wipes the token from memory;
    /// a store keeps it. Calls from then on fail. Dropping the future does not undo the close.
    pub async fn close(&self) {
        self.tokens.close().await;
    }
}
