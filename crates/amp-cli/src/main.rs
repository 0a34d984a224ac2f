//! The command `amp`: tokens and assets of the Blockstream AMP API, and a sandbox to try it on.
//!
//! It reads flags and environment, runs one command on an [`amp_client::ApiClient`], and answers
//! with an exit code that scripts rely on (see the table in `error`). Results go to stdout and
//! nothing else does; messages and errors go to stderr. It decides nothing about tokens or
//! repetitions: the crates below it do.
//!
//! ```text
//! amp sandbox &                                     # prints http://127.0.0.1:PORT/api
//! amp --base-url http://127.0.0.1:PORT/api auth login --username issuer
//! amp --base-url http://127.0.0.1:PORT/api assets list
//! ```
//!
//! # Features
//!
//! `sandbox` (default) has the embedded service: the commands `sandbox` and `demo`, and the flag
//! `--sandbox`. `keyring` keeps tokens, or the key of their file, in the keyring of the operating
//! system, `redis` on a server that hosts share. `native-roots` trusts the certificate authorities that the system trusts, too.
//!
//! # Neighbours
//!
//! `amp-client` makes the calls, `token-store` keeps the login, `amp-sandbox` is the service of
//! `demo`.

mod api;
mod auth;
mod call;
mod cli;
mod completions;
mod context;
mod credentials;
mod data;
#[cfg(feature = "sandbox")]
mod demo;
mod doctor;
mod error;
mod interrupt;
mod logging;
mod nouns;
mod output;
mod password;
mod place;
mod profile;
mod quick;
mod run;
#[cfg_attr(not(feature = "sandbox"), path = "no_sandbox.rs")]
mod sandbox;
mod service;
mod session;
mod settings;
mod show;
mod vars;
mod waiting;

use std::process::ExitCode;

use crate::vars::Vars;

fn main() -> ExitCode {
    // The one place that reads the environment; everything below is handed this.
    let vars = Vars::new(|name| std::env::var_os(name));
    let words: Vec<_> = std::env::args_os().collect();
    match quick::run(&words, &vars) {
        Some(()) => ExitCode::SUCCESS,
        None => run::run(words, vars),
    }
}
