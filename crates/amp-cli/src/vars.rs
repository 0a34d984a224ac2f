//! The environment, as the command is handed it.

use std::ffi::OsString;
use std::sync::Arc;

use zeroize::Zeroizing;

type Lookup = dyn Fn(&str) -> Option<OsString> + Send + Sync;

/// Looks variables up. A clone is a reference count.
#[derive(Clone)]
pub(crate) struct Vars(Arc<Lookup>);

impl Vars {
    pub(crate) fn new(lookup: impl Fn(&str) -> Option<OsString> + Send + Sync + 'static) -> Self {
        Self(Arc::new(lookup))
    }

    /// The variable as it is.
    pub(crate) fn raw(&self, name: &str) -> Option<OsString> {
        (self.0)(name)
    }

    /// The variable as a text; a blank one is as if unset.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        let text = self.raw(name)?.into_string().ok()?;
        (!text.trim().is_empty()).then_some(text)
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
