//! `amp sandbox`: the embedded service as a process of its own, and as the service of `--sandbox`.

use std::time::Duration;

use amp_sandbox::{
    DEFAULT_PASSWORD, DEFAULT_USERNAME, Fault, ParseFaultError, Sandbox, SandboxError,
};
use token_manager::{Credentials, FixedCredentials};

use crate::cli::SandboxArgs;
use crate::context::Context;
use crate::error::{Failure, with_causes};
use crate::settings;

/// Serves until SIGINT or SIGTERM. The first line of stdout is the base URL, when it is ready.
pub(crate) async fn run(args: SandboxArgs, context: &Context) -> Result<(), Failure> {
    settings::no_service(&context.globals, "sandbox")?;
    // Before the first line: whoever reads it may end us at once.
    let mut signals =
        Signals::listen().map_err(|error| Failure::unexpected(format!("no signals: {error}")))?;
    let sandbox = start(&args).await?;
    context.output.line(sandbox.base_url())?;
    context
        .output
        .message("Any user name and password will do. End with Ctrl-C.");
    signals.wait().await;
    sandbox.shutdown().await;
    Ok(())
}

/// The service of `--sandbox`; it lives as long as the command.
#[derive(Debug)]
pub(crate) struct Embedded(Sandbox);

impl Embedded {
    pub(crate) async fn start() -> Result<Self, Failure> {
        let sandbox = Sandbox::builder().accept_any_credentials().start().await;
        sandbox.map(Self).map_err(not_started)
    }

    pub(crate) fn base_url(&self) -> &str {
        self.0.base_url()
    }

    /// What the command logs in with here; no real password goes there.
    pub(crate) fn credentials(&self) -> FixedCredentials {
        FixedCredentials::new(Credentials::new(DEFAULT_USERNAME, DEFAULT_PASSWORD))
    }
}

/// Starts the service with the faults that were asked for.
async fn start(args: &SandboxArgs) -> Result<Sandbox, Failure> {
    let faults = args.fault.iter().map(|text| fault(text));
    let faults: Vec<Fault> = faults.collect::<Result<_, _>>()?;
    let mut builder = Sandbox::builder()
        .accept_any_credentials()
        .seed(args.seed)
        .port(args.port);
    if let Some(seconds) = args.token_ttl {
        builder = builder.token_ttl(Duration::from_secs(seconds));
    }
    let sandbox = builder.start().await.map_err(not_started)?;
    sandbox.inject_all(faults);
    Ok(sandbox)
}

fn not_started(error: SandboxError) -> Failure {
    Failure::unexpected(with_causes(&error))
}

fn fault(text: &str) -> Result<Fault, Failure> {
    text.parse()
        .map_err(|error: ParseFaultError| Failure::usage(error.to_string()))
}

/// The requests to end.
#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};

        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn wait(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// The requests to end.
#[cfg(windows)]
struct Signals(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        tokio::signal::windows::ctrl_c().map(Self)
    }

    async fn wait(&mut self) {
        let _ = self.0.recv().await;
    }
}
