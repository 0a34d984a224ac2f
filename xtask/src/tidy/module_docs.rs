//! Every module says what it is.
//!
//! Files of test modules beside the code (`tests.rs`, a folder `tests` in `src`) are left out: the names of their tests
//! say what they are. Files of test programs (`tests/*.rs` of a package) are included.

use crate::tidy::{problem::Problem, source::Line, tree::Tree};

pub(crate) fn check(tree: &Tree) -> Vec<Problem> {
    let files = tree.sources(&["crates/", "xtask/", "tests/", "benches/"]);
    let undocumented =
        files.filter(|(path, source)| !is_sibling(path) && !is_documented(&source.lines));
    let advice = "start the file with a `//!` line that says what the module is";
    undocumented
        .map(|(path, _)| Problem::new(path, 1, "no module docs", advice))
        .collect()
}

fn is_sibling(path: &str) -> bool {
    path.ends_with("/tests.rs")
        || path
            .split_once("/src/")
            .is_some_and(|(_, rest)| rest.contains("tests/"))
}

fn is_documented(lines: &[Line]) -> bool {
    let first = lines
        .iter()
        .find(|line| line.comment.is_some() || !line.code.trim().is_empty());
    let comment = first.and_then(|line| line.comment.as_deref());
    comment.is_some_and(|comment| comment.starts_with("//! "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::problem::lines;

    #[test]
    fn a_module_without_docs_is_found_and_a_test_sibling_is_not() {
        let tree = Tree::of(&[
            ("crates/a/src/lib.rs", "//! A crate.\npub mod b;"),
            ("crates/a/src/b.rs", "// Not docs.\nfn f() {}"),
            ("crates/a/src/b/tests.rs", "use super::*;"),
            ("crates/a/tests/c.rs", "#[test]\nfn d() {}"),
        ]);
        assert_eq!(
            lines(&check(&tree)),
            [
                "crates/a/src/b.rs:1: no module docs: start the file with a `//!` line that says what the module is",
                "crates/a/tests/c.rs:1: no module docs: start the file with a `//!` line that says what the module is",
            ]
        );
    }
}
