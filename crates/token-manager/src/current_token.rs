//! A look at the current token.

use std::fmt;
use std::marker::PhantomData;

use http::HeaderValue;
use token_core::lifecycle::Epoch;

use crate::TokenManager;
use crate::snapshot::Snapshot;
use crate::sync::Loan;

/// The current token, borrowed: the cheapest way to send it, or to look at its epoch.
///
/// It costs no reference count and no copy. As long as it lives, so does its token, even when
/// another was published meanwhile; it is therefore short-lived, and not [`Send`], so that a
/// spawned task cannot hold it across an await. A thread that holds more than a few at once pays
/// for each further one with a reference count.
///
/// ```compile_fail,E0277
/// fn must_be_send<T: Send>() {}
/// must_be_send::<token_manager::CurrentToken<'_>>();
/// ```
pub struct CurrentToken<'a> {
    snapshot: Loan<Snapshot>,
    manager: PhantomData<(&'a TokenManager, *const ())>,
}

impl CurrentToken<'_> {
    #[inline]
    pub(crate) fn new(snapshot: Loan<Snapshot>) -> Self {
        Self {
            snapshot,
            manager: PhantomData,
        }
    }

    /// The ready header value, marked sensitive, to be read or copied out.
    ///
    /// To own one, take [`to_header`](Self::to_header): clones of this very value share one
    /// reference count, which two threads would hand to and fro.
    #[inline]
    pub fn header(&self) -> &HeaderValue {
        self.snapshot.headers().first()
    }

    /// A header value to keep, ready to insert; it shares the one text of the token, which is
    /// wiped when the last of them is gone. It does not allocate.
    #[inline]
    pub fn to_header(&self) -> HeaderValue {
        self.snapshot.headers().pick().clone()
    }

    /// The number of the token in its manager: one higher with each token, from any source.
    pub fn epoch(&self) -> Epoch {
        self.snapshot.epoch()
    }
}

impl fmt::Debug for CurrentToken<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CurrentToken")
            .field("epoch", &self.epoch())
            .finish_non_exhaustive()
    }
}
