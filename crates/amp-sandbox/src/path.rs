//! Matching of paths, segment by segment.

/// The segments that stand for the `{}` (or `*`) of the pattern; none when the path is another one.
///
/// A pattern that ends in `/?` also takes the path with a slash at its end.
pub(crate) fn captures<'path>(pattern: &str, path: &'path str) -> Option<Vec<&'path str>> {
    let (pattern, path) = match pattern.strip_suffix("/?") {
        Some(pattern) => (pattern, path.strip_suffix('/').unwrap_or(path)),
        None => (pattern, path),
    };
    if pattern.split('/').count() != path.split('/').count() {
        return None;
    }
    let mut captured = Vec::new();
    for (wanted, segment) in pattern.split('/').zip(path.split('/')) {
        match wanted {
            "{}" | "*" if !segment.is_empty() => captured.push(segment),
            _ if wanted == segment => {}
            _ => return None,
        }
    }
    Some(captured)
}

/// Whether a filter means this path; a slash at the end of either does not matter.
pub(crate) fn same(filter: &str, path: &str) -> bool {
    captures(without_slash(filter), without_slash(path)).is_some()
}

fn without_slash(path: &str) -> &str {
    path.strip_suffix('/').unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_capture_exactly_one_segment() {
        assert_eq!(
            captures("/assets/{}/lock", "/assets/17/lock"),
            Some(vec!["17"])
        );
        assert_eq!(captures("/assets/{}/lock", "/assets//lock"), None);
        assert_eq!(captures("/assets/{}", "/assets/17/lock"), None);
        assert_eq!(captures("/assets/{}", "/assets"), None);
    }

    #[test]
    fn a_slash_at_the_end_counts_unless_the_pattern_waives_it() {
        assert_eq!(captures("/info", "/info/"), None);
        assert_eq!(captures("/assets/?", "/assets/"), Some(vec![]));
        assert_eq!(captures("/assets/?", "/assets"), Some(vec![]));
        assert_eq!(captures("/assets/?", "/assets//"), None);
    }

    #[test]
    fn filters_ignore_the_slash_at_the_end() {
        assert!(same("/assets/", "/assets"));
        assert!(same("/assets/*/lock", "/assets/17/lock/"));
        assert!(!same("/assets", "/assets/17"));
    }
}
