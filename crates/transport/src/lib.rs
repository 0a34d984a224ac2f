//! HTTP over hyper and rustls, as a tower service that says what was sent.
//!
//! A [`Transport`] takes `Request<Bytes>` and brings `Response<Bytes>` with the whole body in hand,
//! or a [`TransportError`] that tells what went wrong and whether the server may have seen the
//! request. An answer of the 400 or 500 range whose body breaks off, is too large or takes longer
//! than 5 s still counts: it comes without its body. Certificates are always checked, redirects never followed, bodies
//! capped, and plain http goes to loopback addresses only.
//!
//! It repeats nothing by itself, except a request that a reused connection could not even begin to
//! send; it knows no deadline and no token. `retry` and `token-manager` are layers above it.
//!
//! ```
//! use bytes::Bytes;
//! use http::Request;
//! use tower::ServiceExt;
//! use transport::Transport;
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! let transport = Transport::builder().build()?;
//! let request = Request::get("http://192.0.2.1/secret").body(Bytes::new())?;
//! let error = transport.oneshot(request).await.unwrap_err();
//! assert_eq!(error.sent(), token_core::Sent::No);
//! assert!(error.to_string().starts_with("plain http to 192.0.2.1 was refused"));
//! # Ok::<(), Box<dyn std::error::Error>>(()) })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Features
//!
//! `http2`, `ring` and `webpki-roots` are on by default: HTTP/2 by ALPN, the cryptography of TLS,
//! and the certificate authorities that browsers trust. `aws-lc-rs` is the other cryptography; where
//! both are on, `ring` is used. `native-roots` adds the choice to trust what the system trusts, `proxy`
//! tunnels through a proxy, and `test-util` a connector over
//! any stream.
//!
//! # Neighbours
//!
//! `token-core` has the words for what was sent; `retry` decides what they mean. [`CallError`] is the
//! error of a stack of their layers over a transport.

mod body;
mod builder;
mod call_error;
mod classify;
mod connect;
mod error;
mod future;
#[cfg(feature = "proxy")]
mod proxy;
mod servers;
mod service;

pub use builder::{TransportBuildError, TransportBuilder};
pub use call_error::CallError;
#[cfg(feature = "test-util")]
pub use connect::TestStream;
pub use error::TransportError;
pub use future::TransportFuture;
#[cfg(feature = "proxy")]
pub use proxy::{Proxy, ProxyError};
pub use service::Transport;
