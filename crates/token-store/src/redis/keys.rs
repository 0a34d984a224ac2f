//! What the keys in the server are called.

use crate::Binding;

/// The longest namespace in bytes.
const MAX_NAMESPACE: usize = 64;

/// The names of one binding's keys. They share a hash tag, so a cluster keeps them in one slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Keys {
    /// A hash: the record and what outlives a lease.
    pub(crate) record: String,
    /// A string `owner:fence` that ends by itself.
    pub(crate) lease: String,
    /// Where each new generation is published.
    pub(crate) channel: String,
}

impl Keys {
    pub(crate) fn new(namespace: &str, binding: &Binding) -> Self {
        let tag = format!("{{ts:{namespace}:{}}}", binding.file_stem());
        Self {
            record: format!("{tag}:tok"),
            lease: format!("{tag}:lease"),
            channel: format!("{tag}:ch"),
        }
    }
}

/// Whether this can be part of a key: 1 to 64 ASCII letters, digits, `.`, `_` and `-`.
pub(crate) fn is_namespace(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    (1..=MAX_NAMESPACE).contains(&text.len()) && text.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_of_a_binding_share_one_hash_tag_and_stay_as_they_are() {
        let binding = Binding::new("https://amp.example/api", "alice").unwrap();
        let keys = Keys::new("prod", &binding);
        assert_eq!(keys.record, "{ts:prod:nw7ynlkkqgzwblrpmwax4jhqae}:tok");
        assert_eq!(keys.lease, "{ts:prod:nw7ynlkkqgzwblrpmwax4jhqae}:lease");
        assert_eq!(keys.channel, "{ts:prod:nw7ynlkkqgzwblrpmwax4jhqae}:ch");
    }

    // W-A03
    #[test]
    fn namespaces_and_users_do_not_share_keys() {
        let alice = Binding::new("https://amp.example/api", "alice").unwrap();
        let bob = Binding::new("https://amp.example/api", "bob").unwrap();
        assert_ne!(Keys::new("a", &alice), Keys::new("b", &alice));
        assert_ne!(Keys::new("a", &alice), Keys::new("a", &bob));
    }

    #[test]
    fn a_namespace_cannot_leave_its_place_in_the_key() {
        let long = "n".repeat(65);
        for bad in ["", "a}b", "a:b", "a b", "ä", "a\n", long.as_str()] {
            assert!(!is_namespace(bad), "{bad}");
        }
        assert!(is_namespace("prod-eu.1_a"));
    }
}
