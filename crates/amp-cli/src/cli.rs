//! What can be typed.

use std::path::PathBuf;
use std::str::FromStr;

use amp_client::{InvalidStore, StoreKind};
use clap::{ArgAction, Args, Parser, Subcommand};
use http::Method;

use crate::auth::change_password::ChangePasswordArgs;
use crate::call::Sending;
use crate::completions::CompletionsArgs;
use crate::nouns::Noun;
use crate::nouns::assets::AssetsVerb;
use crate::nouns::assignments::AssignmentsVerb;
use crate::nouns::categories::CategoriesVerb;
use crate::nouns::distributions::DistributionsVerb;
use crate::nouns::gaids::GaidsVerb;
use crate::nouns::managers::ManagersVerb;
use crate::nouns::tx::TxVerb;
use crate::nouns::users::UsersVerb;
use crate::password::PasswordArgs;
use crate::settings::LONGEST_TIMEOUT;

const AFTER_HELP: &str = "\
Environment: AMP_USERNAME, AMP_PASSWORD, AMP_API_BASE_URL, AMP_TOKEN_FILE,
AMP_TOKEN_PERSISTENCE, AMP_TOKEN_STORE, AMP_ALLOW_LIVE, AMP_PROFILE,
TOKEN_STORE_KEY_FILE, TOKEN_STORE_KEY, TOKEN_STORE_CA_FILE, API_RETRY_*,
API_REQUEST_TIMEOUT_SECONDS.
A flag comes before its variable, a variable before the profile.

Exit codes: 0 ok, 1 unexpected, 2 usage, 3 configuration or missing credentials,
4 authentication refused, 5 not found, 6 rate limited, 7 server error,
8 network, TLS or timeout, 9 token storage, 130 interrupted.";

/// Tokens and assets of the Blockstream AMP API.
#[derive(Debug, Parser)]
#[command(name = "amp", version, after_help = AFTER_HELP, propagate_version = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) globals: Globals,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Flags of every command.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Options of every command")]
pub(crate) struct Globals {
    /// The service to talk to [default: AMP_API_BASE_URL, or the test service]
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) base_url: Option<String>,
    /// Where the token is kept: file, encrypted, keyring, memory or redis://HOST [default:
    /// AMP_TOKEN_STORE, or the file that is there]
    #[arg(long, global = true, value_name = "STORE")]
    pub(crate) store: Option<StoreChoice>,
    /// The token file [default: AMP_TOKEN_FILE, or a file of this user]
    #[arg(long, global = true, value_name = "PATH")]
    pub(crate) token_file: Option<PathBuf>,
    /// The file with the key of an encrypted token file or of what is on Redis [default:
    /// TOKEN_STORE_KEY_FILE, or a key that is found or made]
    #[arg(long, global = true, value_name = "PATH")]
    pub(crate) key_file: Option<PathBuf>,
    /// A set of settings: test, live, or a table of the configuration file [default: AMP_PROFILE]
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) profile: Option<String>,
    /// Whether the profile allows the live service.
    #[arg(skip)]
    pub(crate) allow_live: Option<bool>,
    /// Results and errors as JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// No messages, only errors
    #[arg(long, global = true)]
    pub(crate) quiet: bool,
    /// Say on stderr what happens; twice says more
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,
    /// The longest time that the command may take; in a batch, each of its calls [default: 120]
    #[arg(long, global = true, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=LONGEST_TIMEOUT))]
    pub(crate) timeout: Option<u64>,
    /// Run the command on an embedded service that lives as long as it
    #[arg(long, global = true)]
    pub(crate) sandbox: bool,
}

/// Whether this `amp` can use the keyring of the operating system.
pub(crate) const KEYRING: bool = cfg!(feature = "keyring");

/// Whether this `amp` can use Redis.
const REDIS: bool = cfg!(feature = "redis");

const OPEN_TO_OTHERS: &str = "others can read an argument or a profile, so an address there has no user and no \
                              password: put it into AMP_TOKEN_STORE";

/// A value of `--store`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum StoreChoice {
    Known(StoreKind),
    /// A store that this `amp` was built without.
    Missing(&'static str),
    /// An address that cannot be used, and why. It is judged later, because whoever refuses an
    /// argument at once repeats it, and a password may be in it.
    Refused(String),
}

impl FromStr for StoreChoice {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.parse() {
            Ok(StoreKind::Keyring) if !KEYRING => Ok(Self::Missing("keyring")),
            Ok(StoreKind::Redis(_)) | Err(InvalidStore::Redis(_)) if !REDIS => {
                Ok(Self::Missing("redis"))
            }
            Ok(StoreKind::Redis(url)) if url.has_login() => {
                Ok(Self::Refused(OPEN_TO_OTHERS.to_owned()))
            }
            Ok(kind) => Ok(Self::Known(kind)),
            Err(error) if text.contains(':') => Ok(Self::Refused(error.to_string())),
            Err(_) => Err("expected file, encrypted, keyring, memory or redis://HOST"),
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// See the life of a token on an embedded service, without an account and without a network
    Demo,
    /// Log in, log out, look at the token
    #[command(subcommand)]
    Auth(AuthCommand),
    /// Send any request: amp api GET /assets
    Api(ApiArgs),
    /// Issue assets, see who owns them and what became of them
    Assets(Noun<AssetsVerb>),
    /// Registered users, whom assets may be sent to
    Users(Noun<UsersVerb>),
    /// Account ids of Green: who they belong to and what they hold
    Gaids(Noun<GaidsVerb>),
    /// What an owner of an asset must be in
    Categories(Noun<CategoriesVerb>),
    /// Accounts of others that may handle some assets
    Managers(Noun<ManagersVerb>),
    /// Say who shall receive how much of an asset
    Assignments(Noun<AssignmentsVerb>),
    /// Hand out what was assigned
    Distributions(Noun<DistributionsVerb>),
    /// Broadcast transactions
    Tx(Noun<TxVerb>),
    /// The version of the service
    Info(Sending),
    /// What changed in the service, by version
    Changelog(Sending),
    /// Say what is wrong with settings, storage, keys, clock and network, and what to do about it
    Doctor,
    /// Print what a shell has to know to complete words
    Completions(CompletionsArgs),
    /// Run an embedded service that behaves like AMP, until SIGINT or SIGTERM
    Sandbox(SandboxArgs),
}

impl Command {
    /// Whether it talks to no service but one of its own.
    pub(crate) const fn is_on_its_own(&self) -> bool {
        matches!(self, Self::Demo | Self::Sandbox(_) | Self::Completions(_))
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum AuthCommand {
    /// Obtain a token and keep it; the password is not kept
    Login(LoginArgs),
    /// Show what is known about the token; the service is not asked
    Status,
    /// Print a usable token
    Token,
    /// Renew the token now
    Refresh,
    /// Forget the token
    Logout,
    /// Change the password; the token that comes with the new one takes the place of the old token
    ChangePassword(ChangePasswordArgs),
    /// Move the token to another place; it is good in one of the two at every moment
    Migrate(MigrateArgs),
    /// Put encrypted token files under a new key; the old one still opens
    RotateKey(RotateKeyArgs),
}

#[derive(Debug, Args)]
pub(crate) struct MigrateArgs {
    /// The new place: plain, encrypted, keyring, redis://HOST, or redis for the one that
    /// AMP_TOKEN_STORE names
    #[arg(long, value_name = "PLACE")]
    pub(crate) to: Destination,
}

/// A value of `--to`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Destination {
    Store(StoreChoice),
    /// The server that the variable names: its address may have a password.
    RedisOfVariable,
}

impl FromStr for Destination {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "plain" => Ok(Self::Store(StoreChoice::Known(StoreKind::File))),
            "redis" if REDIS => Ok(Self::RedisOfVariable),
            "redis" => Ok(Self::Store(StoreChoice::Missing("redis"))),
            "memory" => Err(DESTINATIONS),
            text => text.parse().map(Self::Store).map_err(|_| DESTINATIONS),
        }
    }
}

const DESTINATIONS: &str = "expected plain, encrypted, keyring, redis or redis://HOST";

#[derive(Debug, Args)]
pub(crate) struct RotateKeyArgs {
    /// The file with the new key, where the old one is in a file or variable of yours
    #[arg(long, value_name = "PATH")]
    pub(crate) new_key_file: Option<PathBuf>,
}

#[derive(Debug, Default, Args)]
pub(crate) struct LoginArgs {
    /// The user [default: AMP_USERNAME]
    #[arg(long, value_name = "NAME")]
    pub(crate) username: Option<String>,
    #[command(flatten)]
    pub(crate) password: PasswordArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ApiArgs {
    /// The HTTP method
    #[arg(value_parser = parse_method)]
    pub(crate) method: Method,
    /// The path below the base URL, encoded as it shall be sent: /assets
    pub(crate) path: String,
    /// The JSON body: a text, @FILE, or - for stdin
    #[arg(long, value_name = "JSON|@FILE|-", allow_hyphen_values = true)]
    pub(crate) data: Option<String>,
    /// Print status and headers before the body
    #[arg(long)]
    pub(crate) include: bool,
    /// Send no token
    #[arg(long)]
    pub(crate) no_auth: bool,
    /// Print the request, with secrets hidden, and send nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Debug, Args)]
pub(crate) struct SandboxArgs {
    /// The port on 127.0.0.1; 0 leaves the choice to the system
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,
    /// What tokens and assets are drawn from
    #[arg(long, default_value_t = 0)]
    pub(crate) seed: u64,
    /// How long a token lives [default: 86400]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=LONGEST_TIMEOUT))]
    pub(crate) token_ttl: Option<u64>,
    /// Something that goes wrong, as "POST /assets/issue=reset-after" or "429:2*3"
    #[arg(long, value_name = "SPEC")]
    pub(crate) fault: Vec<String>,
}

fn parse_method(text: &str) -> Result<Method, &'static str> {
    text.to_ascii_uppercase()
        .parse()
        .map_err(|_| "expected an HTTP method such as GET")
}

#[cfg(test)]
mod tests;
