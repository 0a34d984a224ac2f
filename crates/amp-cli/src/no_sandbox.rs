//! What is left of the embedded service in a build without it.

use token_manager::FixedCredentials;

use crate::cli::SandboxArgs;
use crate::context::Context;
use crate::error::Failure;

/// A service that cannot be.
#[derive(Debug)]
pub(crate) enum Embedded {}

impl Embedded {
    pub(crate) async fn start() -> Result<Self, Failure> {
        Err(built_without())
    }

    pub(crate) fn base_url(&self) -> &str {
        match *self {}
    }

    pub(crate) fn credentials(&self) -> FixedCredentials {
        match *self {}
    }
}

/// Says what is missing.
pub(crate) async fn run(_args: SandboxArgs, _context: &Context) -> Result<(), Failure> {
    Err(built_without())
}

/// Why the parts that need the service are not there.
pub(crate) fn built_without() -> Failure {
    Failure::built_without("the sandbox")
}
