//! One header value for many threads, without a reference count that all of them write.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use http::HeaderValue;
use zeroize::Zeroizing;

/// How many threads may clone at the same time without meeting at one count. Two already scale by
/// 2.0 on two cores; eight of them are one kilobyte or two per token.
const STRIPES: usize = 8;

/// One header value with a count for each of a few groups of threads. They share the text, which
/// is wiped when the last of them and of their clones is gone.
#[derive(Clone, Debug)]
pub(crate) struct Stripes([HeaderValue; STRIPES]);

impl Stripes {
    /// Stands for "no token", and allocates nothing.
    pub(crate) fn empty() -> Self {
        Self([const { HeaderValue::from_static("") }; STRIPES])
    }

    /// Takes over visible ASCII, and marks it as sensitive.
    pub(crate) fn new(text: Zeroizing<Vec<u8>>) -> Self {
        let text = Arc::new(text);
        Self(striped(|| Text(Arc::clone(&text))).map(sensitive))
    }

    /// The value, to be looked at. A clone is better taken of [`pick`](Self::pick).
    pub(crate) fn first(&self) -> &HeaderValue {
        &self.0[0]
    }

    /// The value whose count is this thread's.
    pub(crate) fn pick(&self) -> &HeaderValue {
        &self.0[stripe_of_this_thread() % STRIPES]
    }
}

fn sensitive(text: Bytes) -> HeaderValue {
    let mut value = HeaderValue::from_maybe_shared(text)
        .expect("a scheme and a checked token are visible ASCII");
    value.set_sensitive(true);
    value
}

/// Each of these lives in an allocation of its own, beside the count of those who share it.
fn striped<O>(owner: impl Fn() -> O) -> [Bytes; STRIPES]
where
    O: AsRef<[u8]> + Send + 'static,
{
    std::array::from_fn(|_| Bytes::from_owner(Padded(owner())))
}

/// Keeps the count beside it away from other counts: processors hand memory to each other in
/// lines of 64 or 128 bytes, or in pairs of the former.
#[repr(align(128))]
struct Padded<O>(O);

impl<O: AsRef<[u8]>> AsRef<[u8]> for Padded<O> {
    fn as_ref(&self) -> &[u8] {
        self.0.as_ref()
    }
}

struct Text(Arc<Zeroizing<Vec<u8>>>);

impl AsRef<[u8]> for Text {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// Threads get their stripes in turn, each at its first use.
fn stripe_of_this_thread() -> usize {
    const UNPICKED: usize = usize::MAX;
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static STRIPE: Cell<usize> = const { Cell::new(UNPICKED) };
    }
    STRIPE.with(|stripe| {
        if stripe.get() == UNPICKED {
            stripe.set(NEXT.fetch_add(1, Ordering::Relaxed) % STRIPES);
        }
        stripe.get()
    })
}
