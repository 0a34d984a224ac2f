//! The environment, as the command is handed it.

use std::ffi::OsString;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::credentials::USERNAME;

type Lookup = dyn Fn(&str) -> Option<OsString> + Send + Sync;

/// Looks variables up. A clone is a reference count.
#[derive(Clone)]
pub(crate) struct Vars {
    lookup: Arc<Lookup>,
    /// Stands in for the variable with the user's name.
    username: Option<Arc<str>>,
}

impl Vars {
    pub(crate) fn new(lookup: impl Fn(&str) -> Option<OsString> + Send + Sync + 'static) -> Self {
        Self {
            lookup: Arc::new(lookup),
            username: None,
        }
    }

    /// The same, and the name of the user where no variable has one.
    pub(crate) fn with_username(self, username: String) -> Self {
        let username = Some(username.into());
        Self { username, ..self }
    }

    /// The variable as it is.
    pub(crate) fn raw(&self, name: &str) -> Option<OsString> {
        (self.lookup)(name)
    }

    /// The variable as a text; a blank one is as if unset.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        let text = self.raw(name).and_then(|text| text.into_string().ok());
        let text = text.filter(|text| !text.trim().is_empty());
        let username = || (name == USERNAME).then(|| self.username.as_deref().map(str::to_owned));
        text.or_else(|| username().flatten())
    }

    /// Whether the variable has a text; what was read to see it is wiped.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.text(name).map(Zeroizing::new).is_some()
    }
}

#[cfg(test)]
impl Vars {
    /// Exactly these variables.
    pub(crate) fn of(pairs: &'static [(&'static str, &'static str)]) -> Self {
        Self::new(|name| {
            let found = pairs.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).into())
        })
    }
}
