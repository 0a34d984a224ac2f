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
    #[inline]
    pub(crate) fn first(&self) -> &HeaderValue {
        &self.0[0]
    }

    /// The value whose count is this thread's.
    #[inline]
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
#[inline]
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

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    /// Its text lies in the owner itself, so that the address of one tells that of the other.
    #[repr(C)]
    struct Inline([u8; 4], Arc<AtomicUsize>);

    impl AsRef<[u8]> for Inline {
        fn as_ref(&self) -> &[u8] {
            &self.0
        }
    }

    impl Drop for Inline {
        fn drop(&mut self) {
            self.1.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn text() -> Zeroizing<Vec<u8>> {
        Zeroizing::new(b"token abc123".to_vec())
    }

    // Counts that share a line of the cache would be handed from core to core.
    #[test]
    fn each_stripe_has_an_allocation_of_its_own_128_bytes_from_any_other() {
        let dropped = Arc::new(AtomicUsize::new(0));
        let stripes = striped(|| Inline(*b"text", Arc::clone(&dropped)));
        let mut addresses: Vec<_> = stripes.iter().map(|text| text.as_ptr().addr()).collect();
        addresses.sort_unstable();
        assert!(addresses.windows(2).all(|pair| pair[1] - pair[0] >= 128));
        assert!(addresses.iter().all(|address| address.is_multiple_of(128)));
    }

    // W-A07
    #[test]
    fn every_owner_is_dropped_with_the_last_clone_of_its_stripe_and_not_before() {
        let dropped = Arc::new(AtomicUsize::new(0));
        let stripes = striped(|| Inline(*b"text", Arc::clone(&dropped)));
        let clone = stripes[3].clone();
        drop(stripes);
        assert_eq!(dropped.load(Ordering::SeqCst), STRIPES - 1);
        drop(clone);
        assert_eq!(dropped.load(Ordering::SeqCst), STRIPES);
    }

    // W-A07: the text is in memory once, and goes with the last header that shows it. `Zeroizing`
    // wipes it then.
    #[test]
    fn all_stripes_and_clones_share_one_text_which_ends_with_the_last_of_them() {
        let text = Arc::new(text());
        let watched = Arc::downgrade(&text);
        let stripes = Stripes(striped(|| Text(Arc::clone(&text))).map(sensitive));
        drop(text);
        let places = stripes.0.iter().map(|value| value.as_bytes().as_ptr());
        let places: HashSet<_> = places.collect();
        assert_eq!(places.len(), 1);
        let sent = stripes.pick().clone();
        let again = stripes.clone();
        drop(stripes);
        drop(again);
        assert_eq!(sent.as_bytes(), b"token abc123");
        assert_eq!(watched.strong_count(), 1);
        drop(sent);
        assert_eq!(watched.strong_count(), 0);
    }

    //
    #[test]
    fn every_stripe_is_sensitive() {
        let stripes = Stripes::new(text());
        assert!(stripes.0.iter().all(HeaderValue::is_sensitive));
        assert!(!format!("{stripes:?}").contains("abc123"));
    }

    #[test]
    fn a_thread_keeps_its_stripe_and_threads_in_turn_get_different_ones() {
        let stripe = || {
            let first = stripe_of_this_thread();
            assert_eq!(stripe_of_this_thread(), first);
            first
        };
        let threads: Vec<_> = (0..4 * STRIPES)
            .map(|_| std::thread::spawn(stripe).join().unwrap())
            .collect();
        let picked: HashSet<_> = threads.into_iter().collect();
        // Tests on other threads take a turn here and there.
        assert!(picked.len() > STRIPES / 2, "{picked:?}");
        assert!(picked.iter().all(|stripe| *stripe < STRIPES));
    }
}
