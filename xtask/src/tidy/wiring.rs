//! A test program that no suite runs proves nothing.

use crate::{
    suites::SUITES,
    tidy::{problem::Problem, tree::Tree},
};

pub(crate) fn check(tree: &Tree) -> Vec<Problem> {
    let programs = tree
        .texts()
        .map(|(path, _)| path)
        .filter(|path| is_program(path));
    let lost = programs.filter(|path| !SUITES.iter().any(|suite| suite.files.contains(path)));
    lost.map(|path| {
        Problem::new(
            path,
            1,
            "no suite runs this",
            "add a suite to xtask/src/suites.rs",
        )
    })
    .collect()
}

fn is_program(path: &str) -> bool {
    let Some(rest) = path.strip_prefix("tests/tests/") else {
        return false;
    };
    match rest.split_once('/') {
        None => rest.ends_with(".rs"),
        Some((_, file)) => file == "main.rs",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::problem::lines;

    #[test]
    fn a_test_program_without_a_suite_is_found() {
        let files = [
            "tests/tests/e2e.rs",
            "tests/tests/lost.rs",
            "tests/tests/common/mod.rs",
            "tests/src/lib.rs",
        ];
        let tree = Tree::of(&files.map(|path| (path, "")));
        assert_eq!(
            lines(&check(&tree)),
            ["tests/tests/lost.rs:1: no suite runs this: add a suite to xtask/src/suites.rs"]
        );
    }
}
