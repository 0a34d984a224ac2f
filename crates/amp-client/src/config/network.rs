//! The way to the service.

use std::error::Error as _;
use std::path::PathBuf;
use std::time::Duration;

use transport::{Transport, TransportBuildError};

use super::ConfigError;
use super::builder::is_blank;
use super::error::Problems;
use crate::vars::Lookup;

const CA_FILE: &str = "AMP_CA_FILE";

/// What lies between the client and the service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Network {
    ca_file: Option<PathBuf>,
    #[cfg(feature = "native-roots")]
    native_roots: bool,
    #[cfg(feature = "proxy")]
    proxy: Option<transport::Proxy>,
}

/// What code has chosen of it; the proxy may be none by choice.
#[derive(Clone, Debug, Default)]
pub(super) struct NetworkChoice {
    pub(super) ca_file: Option<PathBuf>,
    #[cfg(feature = "native-roots")]
    pub(super) native_roots: bool,
    #[cfg(feature = "proxy")]
    pub(super) proxy: Option<Option<transport::Proxy>>,
}

impl NetworkChoice {
    /// Takes the rest from the variables.
    #[cfg_attr(
        not(feature = "proxy"),
        expect(unused_variables, reason = "only the proxy can be wrong")
    )]
    pub(super) fn or_vars(self, lookup: Lookup<'_>, problems: &mut Problems) -> Network {
        let named = || lookup(CA_FILE).filter(|path| !is_blank(path));
        Network {
            ca_file: self.ca_file.or_else(|| named().map(PathBuf::from)),
            #[cfg(feature = "native-roots")]
            native_roots: self.native_roots,
            #[cfg(feature = "proxy")]
            proxy: self.proxy.unwrap_or_else(|| proxy(lookup, problems)),
        }
    }
}

#[cfg(feature = "proxy")]
fn proxy(lookup: Lookup<'_>, problems: &mut Problems) -> Option<transport::Proxy> {
    let read = transport::Proxy::from_vars(lookup);
    read.unwrap_or_else(|error| {
        for (name, rule) in error.problems() {
            problems.add(name, rule);
        }
        None
    })
}

impl Network {
    /// A transport over it. A server may be silent for as long as the longest try takes: issuing an
    /// asset is slow, and it is the try that is bounded.
    pub(crate) fn transport(&self, longest_try: Duration) -> Result<Transport, ConfigError> {
        let mut builder = Transport::builder().with_read_timeout(longest_try);
        if let Some(path) = &self.ca_file {
            let pem = std::fs::read(path).map_err(|error| {
                let kind = error.kind();
                ConfigError::one(CA_FILE, format_args!("the file cannot be read: {kind}"))
            })?;
            builder = builder.with_root_certificates(pem);
        }
        #[cfg(feature = "native-roots")]
        if self.native_roots {
            builder = builder.with_native_roots();
        }
        #[cfg(feature = "proxy")]
        {
            builder = builder.with_proxy(self.proxy.clone());
        }
        // Nothing but certificates can be wrong with it.
        let setting = self.ca_file.as_ref().map_or("transport", |_| CA_FILE);
        builder.build().map_err(|error| unusable(setting, &error))
    }
}

fn unusable(setting: &str, error: &TransportBuildError) -> ConfigError {
    let cause = error
        .source()
        .map_or_else(String::new, |cause| format!(": {cause}"));
    ConfigError::one(setting, format_args!("{error}{cause}"))
}
