//! The layer.

use tower_layer::Layer;

use super::{Authorize, Origins};
use crate::TokenManager;

/// Puts the manager's token on every request to the given origins.
///
/// It belongs inside retry, so that each try carries a live token, and outside limits, so that no
/// permit is held while a token is renewed.
///
/// ```
/// use bytes::Bytes;
/// use http::{Request, Response};
/// use token_manager::{AuthorizeLayer, Origins, TokenManager};
/// use tower::{BoxError, ServiceBuilder, ServiceExt, service_fn};
/// # use token_core::{AccessToken, Grant, Lifetime, TokenError};
/// # use token_manager::{FlightContext, TokenProvider};
/// # #[derive(Debug)]
/// # struct Authority;
/// # impl TokenProvider for Authority {
/// #     async fn obtain(&self, _: &FlightContext) -> Result<Grant, TokenError> {
/// #         let token = AccessToken::new("abc").expect("visible ASCII");
/// #         Ok(Grant::new(token, Lifetime::Assumed(std::time::Duration::from_secs(3600))))
/// #     }
/// # }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), BoxError> {
/// let tokens = TokenManager::builder(Authority).build();
/// // Any service will do whose error can be made of a `TokenError`, as `tower::BoxError` can.
/// let network = service_fn(|request: Request<Bytes>| async move {
///     assert_eq!(request.headers()["authorization"], "token abc");
///     Ok::<_, BoxError>(Response::new(Bytes::from("hello")))
/// });
/// let service = ServiceBuilder::new()
///     .layer(AuthorizeLayer::new(tokens, Origins::of(&"https://api.example".parse()?)))
///     .service(network);
/// let request = Request::get("https://api.example/greeting").body(Bytes::new())?;
/// assert_eq!(service.oneshot(request).await?.into_body(), "hello");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct AuthorizeLayer {
    tokens: TokenManager,
    origins: Origins,
}

impl AuthorizeLayer {
    /// Authorizes with this manager's token, on these origins only.
    pub fn new(tokens: TokenManager, origins: Origins) -> Self {
        Self { tokens, origins }
    }
}

impl<S> Layer<S> for AuthorizeLayer {
    type Service = Authorize<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Authorize::new(inner, self.tokens.clone(), self.origins.clone())
    }
}
