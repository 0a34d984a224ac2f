//! From the words of the command line to the exit code.

use std::ffi::OsString;
use std::future::Future;
use std::process::ExitCode;

use clap::Parser as _;
use clap::error::ErrorKind;

use crate::cli::{Cli, Command, Globals};
use crate::context::Context;
use crate::error::Failure;
use crate::interrupt::or_interrupted;
use crate::output::Output;
use crate::vars::Vars;
use crate::{api, auth, call, completions, logging, profile, sandbox, service};

/// Runs one command line.
pub(crate) fn run(words: Vec<OsString>, vars: Vars) -> ExitCode {
    let cli = match Cli::try_parse_from(&words) {
        Ok(cli) => cli,
        Err(answer) => return not_a_command(&answer, &words, &vars),
    };
    let output = Output::new(&cli.globals, &vars);
    logging::start(&cli.globals, &vars);
    match begin(cli, vars, output) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output.failure(&failure);
            ExitCode::from(failure.kind().exit_code())
        }
    }
}

fn begin(cli: Cli, vars: Vars, output: Output) -> Result<(), Failure> {
    let (globals, vars) = match cli.globals.sandbox || cli.command.is_on_its_own() {
        true => (cli.globals, vars),
        false => profile::apply(cli.globals, vars)?,
    };
    let context = Context {
        globals,
        vars,
        output,
    };
    on_a_runtime(perform(cli.command, &context))
}

/// One thread is enough for one command, and is there at once.
fn on_a_runtime(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::unexpected(format!("no runtime: {error}")))?;
    let result = runtime.block_on(work);
    // File work that still hangs must not keep the command.
    runtime.shutdown_background();
    result
}

/// Whatever waits ends on Ctrl-C. Calls see to it themselves, because they have more to say.
async fn perform(command: Command, context: &Context) -> Result<(), Failure> {
    match command {
        Command::Auth(command) => auth::run(command, context).await,
        Command::Api(args) => api::run(args, context).await,
        Command::Assets(noun) => noun.run(context).await,
        Command::Users(noun) => noun.run(context).await,
        Command::Gaids(noun) => noun.run(context).await,
        Command::Categories(noun) => noun.run(context).await,
        Command::Managers(noun) => noun.run(context).await,
        Command::Assignments(noun) => noun.run(context).await,
        Command::Distributions(noun) => noun.run(context).await,
        Command::Tx(noun) => noun.run(context).await,
        Command::Info(sending) => call::run(service::info()?, sending, context).await,
        Command::Changelog(sending) => call::run(service::changelog()?, sending, context).await,
        #[cfg(feature = "sandbox")]
        Command::Demo => or_interrupted(crate::demo::run(context)).await,
        #[cfg(not(feature = "sandbox"))]
        Command::Demo => Err(sandbox::built_without()),
        Command::Completions(args) => completions::run(&args, context),
        Command::Doctor => or_interrupted(crate::doctor::run(context)).await,
        Command::Sandbox(args) => sandbox::run(args, context).await,
    }
}

/// Help and version go to stdout; anything else is a usage error.
fn not_a_command(answer: &clap::Error, words: &[OsString], vars: &Vars) -> ExitCode {
    let is_json = words.iter().any(|word| word == "--json");
    let wants_help = matches!(
        answer.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
    );
    if is_json && !wants_help {
        let text = answer.render().to_string();
        let message = text.strip_prefix("error: ").unwrap_or(&text).trim();
        let globals = Globals {
            json: true,
            ..Globals::default()
        };
        Output::new(&globals, vars).failure(&Failure::usage(message));
    } else {
        // A closed stream leaves nothing to be done.
        let _ = answer.print();
    }
    ExitCode::from(u8::try_from(answer.exit_code()).unwrap_or(2))
}
