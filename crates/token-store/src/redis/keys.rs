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
    /// The binding's namespace is written out, so that people and access rules can tell fleets
    /// apart; `None` where it cannot be part of a key.
    pub(crate) fn new(binding: &Binding) -> Option<Self> {
        let namespace = match binding.namespace() {
            "" => "default",
            namespace if fits(namespace) => namespace,
            _ => return None,
        };
        let tag = format!("{{ts:{namespace}:{}}}", binding.file_stem());
        Some(Self {
            record: format!("{tag}:tok"),
            lease: format!("{tag}:lease"),
            channel: format!("{tag}:ch"),
        })
    }
}

/// At most 64 ASCII letters, digits, `.`, `_` and `-`.
fn fits(namespace: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    namespace.len() <= MAX_NAMESPACE && namespace.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alice() -> Binding {
        Binding::new("https://amp.example/api", "alice").unwrap()
    }

    fn record_key(binding: Binding) -> String {
        Keys::new(&binding).unwrap().record
    }

    #[test]
    fn the_keys_of_a_binding_share_one_hash_tag_and_stay_as_they_are() {
        let keys = Keys::new(&alice()).unwrap();
        let tag = "{ts:default:nw7ynlkkqgzwblrpmwax4jhqae}";
        assert_eq!(keys.record, format!("{tag}:tok"));
        assert_eq!(keys.lease, format!("{tag}:lease"));
        assert_eq!(keys.channel, format!("{tag}:ch"));
        let staging = alice().with_namespace("staging-eu.1_a").unwrap();
        assert!(record_key(staging).starts_with("{ts:staging-eu.1_a:"));
    }

    // W-A03
    #[test]
    fn namespaces_projects_and_users_do_not_share_keys() {
        let bob = Binding::new("https://amp.example/api", "bob").unwrap();
        let keys = [
            record_key(alice()),
            record_key(bob),
            record_key(alice().with_namespace("b").unwrap()),
            record_key(alice().with_project("b").unwrap()),
        ];
        for (at, key) in keys.iter().enumerate() {
            assert!(!keys[..at].contains(key), "{key}");
        }
    }

    #[test]
    fn a_namespace_cannot_leave_its_place_in_the_key() {
        let long = "n".repeat(65);
        for bad in ["a}b", "a:b", "a b", "ä", long.as_str()] {
            let binding = alice().with_namespace(bad).unwrap();
            assert_eq!(Keys::new(&binding), None, "{bad}");
        }
    }
}
