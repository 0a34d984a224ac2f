//! Reading one setting.

use std::ffi::OsString;

/// Where settings come from: the environment of the process, or whatever a caller puts in its place.
pub(crate) type Lookup<'a> = &'a dyn Fn(&str) -> Option<OsString>;

/// What a variable holds.
pub(crate) enum Var {
    /// Nothing, or only blanks.
    Unset,
    /// A text, as it stands there.
    Text(String),
    /// Bytes that are no Unicode text (W-A32).
    NotUnicode,
}

/// Reads a variable; a blank one is as if unset.
pub(crate) fn read(lookup: Lookup<'_>, name: &str) -> Var {
    match lookup(name).map(OsString::into_string) {
        Some(Ok(text)) if !text.trim().is_empty() => Var::Text(text),
        Some(Ok(_)) | None => Var::Unset,
        Some(Err(_)) => Var::NotUnicode,
    }
}

/// The text of a variable, where anything else counts as nothing.
pub(crate) fn text(lookup: Lookup<'_>, name: &str) -> Option<String> {
    match read(lookup, name) {
        Var::Text(text) => Some(text),
        Var::Unset | Var::NotUnicode => None,
    }
}

/// Reads yes or no in the words of X-08, in any case.
pub(crate) fn boolean(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Some(true),
        "false" | "0" | "no" | "off" => Some(false),
        _ => None,
    }
}
