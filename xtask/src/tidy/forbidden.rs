//! Text and code that must be nowhere in the tree.

use crate::tidy::{problem::Problem, tree::Tree};

/// Parts of text with the reason; written in pieces so that this file passes its own rule.
const TEXTS: &[(&str, &str)] = &[
    (concat!("/wo", "rk/"), "a path of one machine"),
    (concat!("/ro", "ot/"), "a path of one machine"),
    (concat!("/tmp/", "bash_jobs"), "a path of one machine"),
    (concat!("//crates", ".io"), "the host of a registry"),
    (concat!("index.crates", ".io"), "the host of a registry"),
    (concat!("static.crates", ".io"), "the host of a registry"),
    (concat!("crates", ".io-index"), "the host of a registry"),
];

/// Code that no test may have, with what to do instead. Outside tests, clippy's `disallowed-methods` asks for a reason.
const CODE: &[(&str, &str)] = &[
    (
        "#[ignore",
        "fix the test, or move it to a suite that is run by request",
    ),
    (
        "thread::sleep",
        "wait for an event, or on tokio's paused clock",
    ),
    ("set_var(", "pass the environment in"),
    ("remove_var(", "pass the environment in"),
];

pub(crate) fn check(tree: &Tree) -> Vec<Problem> {
    let mut problems = check_texts(tree);
    problems.extend(check_code(tree));
    problems
}

fn check_texts(tree: &Tree) -> Vec<Problem> {
    // The lock file is cargo's own, and names where each crate came from.
    let texts = tree
        .texts()
        .filter(|(path, _)| !path.ends_with("Cargo.lock"));
    let lines = texts.flat_map(|(path, text)| {
        text.lines()
            .zip(1..)
            .map(move |(line, number)| (path, line, number))
    });
    let found = lines.flat_map(|(path, line, number)| {
        let parts = TEXTS.iter().filter(move |(part, _)| line.contains(part));
        parts.map(move |(part, what)| {
            Problem::new(path, number, format!("{part} is {what}"), "leave it out")
        })
    });
    found.collect()
}

fn check_code(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (path, source) in tree.sources(&["crates/", "xtask/", "tests/"]) {
        for (number, line) in source.test_lines() {
            let found = CODE.iter().filter(|(part, _)| line.code.contains(part));
            problems.extend(found.map(|(part, advice)| {
                Problem::new(path, number, format!("{part} in the code"), *advice)
            }));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::problem::lines;

    #[test]
    fn paths_of_a_machine_and_registry_hosts_are_found_in_any_file() {
        let host = concat!("see https:", "//crates", ".io/x");
        let path = concat!("line\ncd /wo", "rk/main");
        let tree = Tree::of(&[
            ("README.md", path),
            ("deny.toml", host),
            ("Cargo.lock", host),
        ]);
        let found = lines(&check(&tree));
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].starts_with("README.md:2: "), "{found:?}");
        assert!(
            found[1].ends_with("is the host of a registry: leave it out"),
            "{found:?}"
        );
    }

    #[test]
    fn tests_that_do_not_run_sleep_or_change_the_environment_are_found() {
        let text = "#[test]\n#[ignore = \"slow\"]\nfn f() { std::thread::sleep(D); std::env::set_var(\"A\", \"b\"); }\n// thread::sleep is fine to talk about, and \"#[ignore]\" too.";
        let product = "fn pause() { std::thread::sleep(D); }";
        let tree = Tree::of(&[("crates/a/src/lib.rs", product), ("tests/tests/a.rs", text)]);
        let found = lines(&check(&tree));
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(
            found[0].starts_with("tests/tests/a.rs:2: #[ignore in the code"),
            "{found:?}"
        );
        assert!(
            found[1].starts_with("tests/tests/a.rs:3: thread::sleep in the code"),
            "{found:?}"
        );
    }
}
