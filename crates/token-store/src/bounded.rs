//! A buffer for secrets that never grows.

use std::io::{self, Write};

use zeroize::Zeroizing;

/// A buffer that is wiped when it is dropped and refuses what does not fit: one that grew would
/// leave a copy of the secret behind in the memory it gave back.
pub(crate) struct Bounded(Zeroizing<Vec<u8>>);

impl Bounded {
    pub(crate) fn with_capacity(bytes: usize) -> Self {
        Self(Zeroizing::new(Vec::with_capacity(bytes)))
    }

    pub(crate) fn into_inner(self) -> Zeroizing<Vec<u8>> {
        self.0
    }
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.len() > self.0.capacity() - self.0.len() {
            return Err(io::ErrorKind::WriteZero.into());
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
