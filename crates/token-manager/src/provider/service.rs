//! What a provider asks of the service it sends through.

use bytes::Bytes;
use http::{Request, Response};
use token_core::Classify;
use tower_service::Service;

/// Any error with a message, as tower boxes it.
pub(super) type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A service that a provider can send through: any clonable `tower` service of whole requests and
/// answers whose error can be classified, `tower::BoxError` included. It is implemented for all of
/// them.
pub trait TokenService:
    Service<
        Request<Bytes>,
        Response = Response<Bytes>,
        Error: Classify + Into<Box<dyn std::error::Error + Send + Sync>>,
        Future: Send,
    > + Clone
    + Send
    + Sync
    + 'static
{
}

impl<S> TokenService for S
where
    S: Service<Request<Bytes>, Response = Response<Bytes>, Future: Send>
        + Clone
        + Send
        + Sync
        + 'static,
    S::Error: Classify + Into<BoxError>,
{
}
