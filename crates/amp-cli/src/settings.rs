//! What flags and environment say together, before anything is opened or sent.

use std::time::Duration;

use amp_client::{Config, ConfigBuilder, Persistence, StoreKind};

use crate::cli::{Globals, StoreChoice};
use crate::context::Context;
use crate::credentials;
use crate::error::Failure;

/// Stands in for the address of the embedded service, which is known only when it runs.
const SANDBOX: &str = "http://127.0.0.1/api";

/// The most that `--timeout` and a profile may say, in seconds: a year, which a clock can still add.
pub(crate) const LONGEST_TIMEOUT: u64 = 365 * 24 * 60 * 60;

/// Checked settings of one command.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) builder: ConfigBuilder,
    pub(crate) config: Config,
    pub(crate) keeps: Keeps,
    pub(crate) total: Option<Duration>,
    pub(crate) sandbox: bool,
}

/// Where the token is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Keeps {
    /// For later commands: in this store, or in the file that is there.
    Kept(Option<StoreKind>),
    /// In this process alone.
    Nothing,
}

impl Settings {
    /// Reads flags and environment; a flag comes before its variable. `missing` is what the
    /// command misses besides, so that everything is told at once.
    pub(crate) fn read(context: &Context, missing: Option<String>) -> Result<Self, Failure> {
        let globals = &context.globals;
        check(globals)?;
        let builder = builder(globals);
        let vars = &context.vars;
        match (
            builder.clone().build_with_vars(|name| vars.raw(name)),
            missing,
        ) {
            (Ok(config), None) => Ok(Self {
                keeps: keeps(globals, &config),
                total: globals.timeout.map(total),
                sandbox: globals.sandbox,
                builder,
                config,
            }),
            (Ok(_), Some(missing)) => Err(Failure::configuration(&[missing])),
            (Err(error), missing) => {
                let problems = error.problems().map(str::to_owned);
                let problems: Vec<_> = problems.chain(missing).collect();
                Err(Failure::configuration(&problems))
            }
        }
    }

    /// The same for a command that needs a token: without a file to find one in, credentials are
    /// needed, and next to other mistakes they are worth a word.
    pub(crate) fn read_for_token(context: &Context) -> Result<Self, Failure> {
        let needed = |settings: Settings| settings.keeps == Keeps::Nothing && !settings.sandbox;
        let is_needed = Self::read(context, None).map_or(!context.globals.sandbox, needed);
        let missing = credentials::missing(&context.vars).filter(|_| is_needed);
        Self::read(context, missing)
    }
}

/// Refuses flags that contradict each other, and stores that are not there.
pub(crate) fn check(globals: &Globals) -> Result<(), Failure> {
    let store = globals.store.as_ref().map(known).transpose()?;
    if let Some(kind @ (StoreKind::Memory | StoreKind::Keyring | StoreKind::Redis(_))) = store
        && globals.token_file.is_some()
    {
        return Err(Failure::usage(format!(
            "--token-file and --store {kind} exclude each other"
        )));
    }
    if globals.sandbox {
        no_service(globals, "--sandbox")?;
    }
    Ok(())
}

/// The store that was chosen, if it can be used.
pub(crate) fn known(choice: &StoreChoice) -> Result<&StoreKind, Failure> {
    match choice {
        StoreChoice::Known(kind) => Ok(kind),
        StoreChoice::Missing(store) => {
            let failure = Failure::built_without(&format!("the {store} store"));
            Err(failure.with_hint("file, encrypted and memory are there"))
        }
        StoreChoice::Refused(reason) => Err(Failure::usage(reason)),
    }
}

/// Refuses the flags of a real service next to `what`, which brings its own.
pub(crate) fn no_service(globals: &Globals, what: &str) -> Result<(), Failure> {
    let given = [
        ("--base-url", globals.base_url.is_some()),
        ("--profile", globals.profile.is_some()),
        ("--store", globals.store.is_some()),
        ("--token-file", globals.token_file.is_some()),
        ("--key-file", globals.key_file.is_some()),
    ];
    match given.into_iter().find(|(_, is_given)| *is_given) {
        Some((flag, _)) => Err(Failure::usage(format!(
            "{what} brings its own service and keeps nothing, so it does not take {flag}"
        ))),
        None => Ok(()),
    }
}

fn builder(globals: &Globals) -> ConfigBuilder {
    let mut builder = Config::builder();
    #[cfg(feature = "native-roots")]
    {
        builder = builder.native_roots(true);
    }
    if globals.sandbox {
        builder = builder.base_url(SANDBOX);
    }
    if let Some(url) = &globals.base_url {
        builder = builder.base_url(url);
    }
    if let Some(allow) = globals.allow_live {
        builder = builder.allow_live(allow);
    }
    if let Some(path) = &globals.token_file {
        builder = builder.token_file(path);
    }
    if let Some(path) = &globals.key_file {
        builder = builder.key_file(path);
    }
    if let Some(StoreChoice::Known(kind)) = &globals.store {
        builder = builder.store(kind.clone());
    }
    builder
}

fn total(seconds: u64) -> Duration {
    Duration::from_secs(seconds.min(LONGEST_TIMEOUT))
}

/// A flag is a choice. Without one, a login is kept unless the variables forbid it or look like
/// those of a mock.
fn keeps(globals: &Globals, config: &Config) -> Keeps {
    let is_chosen = globals.store.is_some() || globals.token_file.is_some();
    let is_forbidden = globals.sandbox || config.persistence() == Persistence::Never;
    match config.store() {
        Some(StoreKind::Memory) => Keeps::Nothing,
        _ if is_forbidden && !is_chosen => Keeps::Nothing,
        kind => Keeps::Kept(kind.cloned()),
    }
}

#[cfg(test)]
mod tests;
