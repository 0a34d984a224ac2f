//! The one error of a stack over a transport.

use token_core::{Classify, Outcome, Stopped, TokenError};

use crate::TransportError;

/// Why a call through layers over a [`Transport`](crate::Transport) failed: what any of them may end
/// it with.
///
/// One enum for all of them, so that no layer boxes its error and each layer above can ask what it
/// means. The transport's own error becomes this one where the stack begins, by
/// `.map_err(CallError::from)`.
///
/// ```
/// use bytes::Bytes;
/// use http::Request;
/// use token_core::Classify;
/// use tower::{ServiceBuilder, ServiceExt};
/// use transport::{CallError, Transport};
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// let transport = Transport::builder().build()?;
/// // Layers go above `map_err`.
/// let service = ServiceBuilder::new().map_err(CallError::from).service(transport);
/// let request = Request::get("http://192.0.2.1/secret").body(Bytes::new())?;
/// let error = service.oneshot(request).await.unwrap_err();
/// assert!(matches!(error, CallError::Transport(_)));
/// assert!(error.outcome().is_unprocessed());
/// # Ok::<(), Box<dyn std::error::Error>>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[expect(
    clippy::exhaustive_enums,
    reason = "whoever shows a failure must show every cause"
)]
pub enum CallError {
    /// A layer ended the call itself: out of time, out of places, told to come back later.
    #[error(transparent)]
    Stopped(#[from] Stopped),
    /// No complete answer came.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// There is no token.
    #[error(transparent)]
    Token(#[from] TokenError),
}

impl CallError {
    fn cause(&self) -> &dyn Classify {
        match self {
            Self::Stopped(stopped) => stopped,
            Self::Transport(error) => error,
            Self::Token(error) => error,
        }
    }
}

impl Classify for CallError {
    fn outcome(&self) -> Outcome {
        self.cause().outcome()
    }

    fn stopped(&self) -> Option<Stopped> {
        self.cause().stopped()
    }
}
