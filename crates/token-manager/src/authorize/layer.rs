//! The layer.

use tower_layer::Layer;

use super::{Authorize, Origins};
use crate::TokenManager;

/// Puts the manager's token on every request to the given origins.
///
/// It belongs inside retry, so that each try carries a live token, and outside limits, so that no
/// permit is held while a token is renewed.
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
