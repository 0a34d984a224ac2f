//! What every command is given.

use crate::cli::Globals;
use crate::output::Output;
use crate::vars::Vars;

/// The flags of every command, the environment and the streams.
pub(crate) struct Context {
    pub(crate) globals: Globals,
    pub(crate) vars: Vars,
    pub(crate) output: Output,
}
