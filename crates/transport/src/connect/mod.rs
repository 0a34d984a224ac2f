//! From an address to a connection.

mod dial;
mod resolve;
mod stream;
mod timed;
mod tls;

pub(crate) use dial::{Dialer, PlainHttpRefused};
pub(crate) use resolve::NoAddress;
#[cfg(feature = "test-util")]
pub use stream::TestStream;
pub(crate) use timed::Timed;
pub(crate) use tls::{Roots, TlsSetupError, client_config};

#[cfg(feature = "test-util")]
pub(crate) use dial::Dial;
