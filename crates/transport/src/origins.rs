//! Which servers are known to speak HTTP/1.1.

use std::sync::{Arc, PoisonError, RwLock};

use http::uri::Authority;

/// More servers than any of our clients calls; beyond that the knowledge starts afresh.
const MOST: usize = 64;

/// The servers whose last answer was HTTP/1.1: a try there owns its connection, which ends with it,
/// so nothing has to be captured to tear it down.
#[derive(Clone, Debug, Default)]
pub(crate) struct Http1Origins(Arc<RwLock<Vec<Authority>>>);

impl Http1Origins {
    pub(crate) fn contains(&self, server: &Authority) -> bool {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.contains(server)
    }

    /// Remembers what a server spoke.
    pub(crate) fn learn(&self, server: &Authority, http1: bool) {
        if self.contains(server) == http1 {
            return;
        }
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        known.retain(|other| other != server);
        if known.len() >= MOST {
            known.clear();
        }
        if http1 {
            known.push(server.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_known_until_it_speaks_something_else() {
        let origins = Http1Origins::default();
        let server = Authority::from_static("api.example.com:8443");
        assert!(!origins.contains(&server));
        origins.learn(&server, true);
        origins.learn(&server, true);
        assert!(origins.contains(&server));
        origins.learn(&server, false);
        assert!(!origins.contains(&server));
    }

    #[test]
    fn the_knowledge_does_not_grow_without_bound() {
        let origins = Http1Origins::default();
        for port in 1..1000 {
            let server: Authority = format!("a:{port}").parse().unwrap();
            origins.learn(&server, true);
        }
        assert!(origins.0.read().unwrap().len() <= MOST);
    }
}
