//! The resources of the service, one noun each: what can be typed, what it sends, how it looks.

pub(crate) mod assets;
pub(crate) mod assignments;
pub(crate) mod categories;
pub(crate) mod distributions;
pub(crate) mod gaids;
pub(crate) mod managers;
mod node;
pub(crate) mod tx;
pub(crate) mod users;

pub(crate) use node::{NodeArgs, Report};

use clap::{Args, Subcommand};

use crate::call::{self, Sending, Wish};
use crate::context::Context;
use crate::error::Failure;

/// The words behind a noun.
#[derive(Debug, Args)]
pub(crate) struct Noun<V: Subcommand> {
    #[command(flatten)]
    sending: Sending,
    #[command(subcommand)]
    verb: V,
}

/// What can be done with a noun.
pub(crate) trait Verb {
    /// The request that the words describe. This reads files and stdin, and sends nothing.
    fn wish(self) -> Result<Wish, Failure>;
}

impl<V: Subcommand + Verb> Noun<V> {
    /// Does it.
    pub(crate) async fn run(self, context: &Context) -> Result<(), Failure> {
        call::run(self.verb.wish()?, self.sending, context).await
    }

    /// What it would send.
    #[cfg(test)]
    pub(crate) fn wish(self) -> Result<Wish, Failure> {
        self.verb.wish()
    }
}
