//! Addresses that were put together before.

use std::hash::{Hash, Hasher};
use std::sync::{Arc, PoisonError, RwLock};

use http::Uri;

/// The addresses below one base URL, by their targets. Targets are texts of the program, so there are only
/// as many as it names. A clone shows the same ones; they are no part of what a base URL is.
#[derive(Clone, Default)]
pub(super) struct Known(Arc<RwLock<Vec<(&'static str, Uri)>>>);

impl Known {
    /// The address of this target, which `join` puts together the first time.
    pub(super) fn find(
        &self,
        target: &'static str,
        join: impl FnOnce() -> Option<Uri>,
    ) -> Option<Uri> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, address)) = known.iter().find(|(name, _)| *name == target) {
            return Some(address.clone());
        }
        drop(known);
        let address = join()?;
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        // Somebody else may have been faster.
        if known.iter().all(|(name, _)| *name != target) {
            known.push((target, address.clone()));
        }
        Some(address)
    }
}

impl PartialEq for Known {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Known {}

impl Hash for Known {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use crate::BaseUrl;

    use super::*;

    #[test]
    fn an_address_is_put_together_once_and_no_part_of_what_a_base_url_is() {
        let joined = AtomicU32::new(0);
        let known = Known::default();
        let find = |known: &Known, target| {
            known.find(target, || {
                joined.fetch_add(1, Ordering::Relaxed);
                target.parse().ok()
            })
        };
        for (target, times) in [("/a", 1), ("/a", 1), ("/b", 2), ("/a", 2)] {
            assert_eq!(find(&known.clone(), target).unwrap(), target);
            assert_eq!(joined.load(Ordering::Relaxed), times, "{target}");
        }

        let base = |text| BaseUrl::parse(text).unwrap();
        let one = base("https://amp.example/api");
        let address = one.join_once("/info").unwrap();
        assert_eq!(address, "https://amp.example/api/info");
        assert_eq!(one, base("https://amp.example/api"));
        let other = base("https://other.example").join_once("/info").unwrap();
        assert_eq!(other, "https://other.example/info");
    }
}
