//! `amp info` and `amp changelog`: which version the service has, and what changed in it.

use std::cmp::Reverse;

use amp_api::{Changelog, Info};
use serde_json::Value;

use crate::call::Wish;
use crate::error::Failure;
use crate::show::{Column, Field, Shown, or_dash};

impl Shown for Info {
    const FIELDS: &'static [Field<Self>] = &[
        Field::alone("version", |info| info.version.clone()),
        Field::alone("notes", |info| or_dash(info.notes.as_deref())),
    ];
}

/// Asks for the version.
pub(crate) fn info() -> Result<Wish, Failure> {
    Wish::thing(Info::get())
}

/// Asks for the changes; people see the latest first.
pub(crate) fn changelog() -> Result<Wish, Failure> {
    Wish::shown(Changelog::get(), |changes, output| {
        if output.is_json() {
            return output.value(changes);
        }
        let mut rows: Vec<_> = changes
            .entries()
            .map(|(version, change)| vec![version.to_owned(), text(change)])
            .collect();
        rows.sort_by_cached_key(|row| Reverse(numbers(&row[0])));
        output.table(&Column::whole(&["VERSION", "CHANGE"]), &rows)
    })
}

/// The parts of a version, so that 0.1.13 comes behind 0.1.4; what is no number counts as 0.
fn numbers(version: &str) -> Vec<u64> {
    let part = |part: &str| part.parse().unwrap_or_default();
    version.split('.').map(part).collect()
}

/// A change is a text in practice.
fn text(change: &Value) -> String {
    change
        .as_str()
        .map_or_else(|| change.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_their_numbers() {
        let mut versions = ["0.1.13", "0.2", "0.1.4", "next"];
        versions.sort_by_cached_key(|version| Reverse(numbers(version)));
        assert_eq!(versions, ["0.2", "0.1.13", "0.1.4", "next"]);
    }
}
