//! What can go wrong with starting a sandbox.

use std::io;

/// Why a sandbox did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// The port could not be bound: it is in use, or the system allows no more.
    #[error("the sandbox could not listen on 127.0.0.1:{port}")]
    Bind {
        /// The port that was asked for; 0 leaves the choice to the system.
        port: u16,
        /// What the system said.
        source: io::Error,
    },
}
