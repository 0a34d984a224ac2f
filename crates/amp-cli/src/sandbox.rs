//! `amp sandbox`: the embedded service as a process of its own, and as the service of `--sandbox`.

use std::time::Duration;

use amp_sandbox::{DEFAULT_PASSWORD, DEFAULT_USERNAME, Fault, Sandbox};
use token_manager::{Credentials, FixedCredentials};

use crate::cli::SandboxArgs;
use crate::context::Context;
use crate::error::Failure;
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

/// Starts the service with the faults that were asked for.
pub(crate) async fn start(args: &SandboxArgs) -> Result<Sandbox, Failure> {
    let faults: Vec<Fault> = args
        .fault
        .iter()
        .map(|text| fault(text))
        .collect::<Result<_, _>>()?;
    let mut builder = Sandbox::builder()
        .accept_any_credentials()
        .seed(args.seed)
        .port(args.port);
    if let Some(seconds) = args.token_ttl {
        builder = builder.token_ttl(Duration::from_secs(seconds));
    }
    let sandbox = builder.start().await;
    let sandbox =
        sandbox.map_err(|error| Failure::unexpected(format!("{error}: port {}", args.port)))?;
    sandbox.inject_all(faults);
    Ok(sandbox)
}

/// A service on any port without faults.
pub(crate) fn plain() -> SandboxArgs {
    SandboxArgs {
        port: 0,
        seed: 0,
        token_ttl: None,
        fault: Vec::new(),
    }
}

/// What the command logs in with at its own embedded service; no real password goes there.
pub(crate) fn credentials() -> FixedCredentials {
    FixedCredentials::new(Credentials::new(DEFAULT_USERNAME, DEFAULT_PASSWORD))
}

fn fault(text: &str) -> Result<Fault, Failure> {
    text.parse()
        .map_err(|error: amp_sandbox::ParseFaultError| Failure::usage(error.to_string()))
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
