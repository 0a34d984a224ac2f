//! Puts the token on requests, and renews it once when the service rejects it.

mod challenge;
mod future;
mod layer;
mod origins;
mod rejection;
mod service;

pub use future::ResponseFuture;
pub use layer::AuthorizeLayer;
pub use origins::Origins;
pub use service::Authorize;
