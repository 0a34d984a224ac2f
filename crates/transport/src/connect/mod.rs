//! From an address to a connection.

mod dial;
mod idle;
mod resolve;
mod stream;
mod timed;
mod tls;
#[cfg(feature = "proxy")]
mod tunnel;

pub(crate) use dial::{Dialer, PlainHttpRefused};
pub(crate) use idle::{IdleLimits, Silent};
pub(crate) use resolve::NoAddress;
#[cfg(feature = "test-util")]
pub use stream::TestStream;
pub(crate) use timed::Timed;
pub(crate) use tls::{Roots, TlsSetupError, client_config};
#[cfg(feature = "proxy")]
pub(crate) use tunnel::NoTunnel;

#[cfg(feature = "test-util")]
pub(crate) use dial::Dial;
