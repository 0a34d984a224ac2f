//! What the file system tells of a file.

/// Everything a file is judged by before its content is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts {
    pub(crate) regular: bool,
    /// Whether its owner is the effective user.
    pub(crate) ours: bool,
    pub(crate) links: u64,
    /// The permission bits; 0600 where the platform has none.
    pub(crate) mode: u32,
    pub(crate) print: Fingerprint,
}

/// Tells one version of a file from another without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fingerprint {
    pub(crate) device: u64,
    pub(crate) inode: u64,
    pub(crate) size: u64,
    /// Seconds and nanoseconds since 1970.
    pub(crate) modified: (i64, i64),
    /// As `modified`, for the last change of content or attributes.
    pub(crate) changed: (i64, i64),
}

impl Fingerprint {
    /// Whether both are of one inode, whatever was written to it.
    pub(crate) fn same_file(&self, other: &Self) -> bool {
        (self.device, self.inode) == (other.device, other.inode)
    }
}

impl Facts {
    /// Whether anybody but the owner may do anything with it.
    pub(crate) fn open_to_others(&self) -> bool {
        self.mode & 0o077 != 0
    }
}
