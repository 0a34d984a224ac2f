//! `amp info` and `amp changelog`: which version the service has, and what changed in it.

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

/// Asks for the changes.
pub(crate) fn changelog() -> Result<Wish, Failure> {
    Wish::shown(Changelog::get(), |changes, output| {
        if output.is_json() {
            return output.value(changes);
        }
        let rows: Vec<_> = changes
            .entries()
            .map(|(version, change)| vec![version.to_owned(), text(change)])
            .collect();
        output.table(&Column::whole(&["VERSION", "CHANGE"]), &rows)
    })
}

/// A change is a text in practice.
fn text(change: &Value) -> String {
    change
        .as_str()
        .map_or_else(|| change.to_string(), str::to_owned)
}
