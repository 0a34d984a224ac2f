//! A file that holds more than one concept is usually a long one: a hint, not a failure.

use crate::tidy::tree::Tree;

/// Most files have 90 to 290 lines.
const LONG: usize = 450;

pub(crate) fn hints(tree: &Tree) -> Vec<String> {
    let product = tree
        .sources(&["crates/", "xtask/"])
        .filter(|(_, source)| !source.is_test);
    let long = product.filter(|(_, source)| source.product_lines().count() > LONG);
    long.map(|(path, source)| {
        let count = source.product_lines().count();
        format!("{path}: {count} lines without tests: is this one concept?")
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_long_files_get_a_hint_and_tests_do_not_count() {
        let long = "a();\n".repeat(LONG + 1);
        let tested = format!("a();\n#[cfg(test)]\nmod tests {{\n{long}}}");
        let tree = Tree::of(&[("crates/a/src/b.rs", &long), ("crates/a/src/c.rs", &tested)]);
        let hints = hints(&tree);
        assert_eq!(hints.len(), 1, "{hints:?}");
        assert!(hints[0].starts_with("crates/a/src/b.rs: 45"), "{hints:?}");
    }
}
