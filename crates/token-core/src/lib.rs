//! Bearer tokens as plain values and decisions.
//!
//! Everything here is a function of its arguments: state, event, `now`, a random draw. The crate
//! does no I/O, reads no clock and no environment, knows no HTTP types and starts no task. What
//! acts on these decisions lives above it: `token-store` persists, `retry` waits, `transport`
//! sends, `token-manager` drives [`Lifecycle`](lifecycle::Lifecycle) and
//! [`Flight`](flight::Flight).
//!
//! ```
//! use std::time::{Duration, SystemTime};
//! use token_core::{AccessToken, Freshness, RefreshPolicy, TokenData};
//!
//! let obtained_at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
//! let token = AccessToken::new("0123456789abcdef")?;
//! let data = TokenData::with_lifetime(token, obtained_at, Duration::from_secs(86_400));
//! let windows = RefreshPolicy::default().windows(Duration::from_secs(86_400), 0.0);
//!
//! assert_eq!(windows.freshness(data.age(obtained_at)), Freshness::Fresh);
//! assert!(format!("{data:?}").contains("[redacted]"));
//! # Ok::<(), token_core::InvalidToken>(())
//! ```
//!
//! # Features
//!
//! `test-util` adds `ManualClock`, a clock that tests turn.

mod access_token;
mod backoff;
mod call_context;
mod clock;
mod error;
pub mod flight;
mod grant;
mod idempotency;
mod ledger;
pub mod lifecycle;
mod outcome;
mod refresh_policy;
mod retry_after;
mod retry_config;
mod stopped;
mod token_data;
mod validator;

pub use access_token::{AccessToken, InvalidToken, RefreshToken};
pub use backoff::Backoff;
pub use call_context::{AbortHandle, CallContext, CallContextBuilder, DeadlineCover};
#[cfg(any(test, feature = "test-util"))]
pub use clock::ManualClock;
pub use clock::{BootInstant, Clock, CoarseNow, Now};
pub use error::{ErrorClass, RateLimited, TokenError, TokenFailure};
pub use grant::{Grant, Lifetime, Minted};
pub use idempotency::Idempotency;
pub use ledger::Ledger;
pub use outcome::{Classify, Failure, Outcome, Sent};
pub use refresh_policy::{Freshness, RefreshPolicy, Windows};
pub use retry_after::{answered_at, parse_retry_after};
pub use retry_config::{RetryConfig, RetryConfigBuilder, RetryConfigError};
pub use stopped::{StopReason, Stopped};
pub use token_data::{StoredToken, TokenData, TokenInfo};
pub use validator::{JwtAlgorithm, JwtRules, Seconds, TokenValidator, UnacceptableToken};
