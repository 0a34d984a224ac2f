//! How a file store behaves.

use std::time::Duration;

/// What happens to a file that others could read or change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum RepairMode {
    /// It is set aside and not used: others may know the token, or may have planted it.
    #[default]
    Reject,
    /// Its mode is set to 0600 and it is used. This trusts everybody who could have written it.
    Repair,
}

/// What a store has survived when it is acknowledged. A killed process loses nothing with any.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Durability {
    /// A power cut: the file and its directory are flushed.
    #[default]
    Full,
    /// The file is flushed, its name is not: a power cut may bring the earlier record back.
    FileOnly,
    /// Nothing is flushed: a power cut may leave nothing usable.
    None,
}

#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub(crate) repair: RepairMode,
    pub(crate) durability: Durability,
    pub(crate) lock_timeout: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            repair: RepairMode::Reject,
            durability: Durability::Full,
            lock_timeout: Duration::from_secs(5),
        }
    }
}

/// The settings that the builders of all file stores have; each keeps them in `options`.
macro_rules! common_settings {
    () => {
        /// What happens to a file that others could read. Default: [`RepairMode::Reject`].
        #[must_use]
        pub fn repair_mode(mut self, mode: RepairMode) -> Self {
            self.options.repair = mode;
            self
        }

        /// What a store survives. Default: [`Durability::Full`].
        #[must_use]
        pub fn durability(mut self, durability: Durability) -> Self {
            self.options.durability = durability;
            self
        }

        /// The longest wait for the write lock. Default: 5 seconds.
        #[must_use]
        pub fn lock_timeout(mut self, timeout: Duration) -> Self {
            self.options.lock_timeout = timeout;
            self
        }
    };
}
pub(super) use common_settings;
