//! The file with the profiles.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::error::Failure;

/// The settings of one profile: a table of the file, under its name. There is no password among
/// them.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Profile {
    pub(super) base_url: Option<String>,
    pub(super) username: Option<String>,
    pub(super) store: Option<String>,
    pub(super) token_file: Option<PathBuf>,
    pub(super) key_file: Option<PathBuf>,
    pub(super) allow_live: Option<bool>,
    /// In seconds.
    pub(super) timeout: Option<NonZeroU64>,
}

pub(super) type Profiles = BTreeMap<String, Profile>;

const EXPECTED: &str = "expected tables with base_url, username, store, token_file, key_file, \
                        allow_live and timeout (seconds)";

/// The profiles of the file, if there is one.
pub(super) fn read(path: &Path) -> Result<Option<Profiles>, Failure> {
    let text = match fs::read_to_string(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        text => text.map_err(|error| problem(path, error))?,
    };
    // The error's own text quotes the file, in which somebody may have put a password.
    toml::from_str(&text).map(Some).map_err(|error| {
        let start = error.span().map_or(0, |span| span.start);
        let before = text.get(..start).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        problem(
            path,
            format_args!("line {line} is not understood; {EXPECTED}"),
        )
    })
}

fn problem(path: &Path, what: impl std::fmt::Display) -> Failure {
    Failure::configuration(&[format!("{}: {what}", path.display())])
}
