//! The `amp-client` crate.

mod config;
mod environment;
mod vars;

pub use config::{Config, ConfigBuilder, ConfigError, DEFAULT_BASE_URL, LIVE_HOST};
pub use environment::{Environment, Persistence, contains_mock_words};
