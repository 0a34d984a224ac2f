//! The table of pitfalls names, for each number, the tests that have it above them.

use std::collections::{BTreeMap, BTreeSet};

use crate::tidy::{problem::Problem, table, tree::Tree};

const PATH: &str = "docs/pitfalls.md";
const ADVICE: &str = "write `// Pitfall 9.` or `// A-23: pitfalls 2 and 3.` above the tests of the row, and name all of them in it";

/// How many there are.
const PITFALLS: u32 = 22;

type Tests = BTreeMap<u32, BTreeSet<String>>;

pub(crate) fn check(tree: &Tree) -> Vec<Problem> {
    let (cited, named) = (
        cited(tree),
        named(tree.text(PATH).map_or("", String::as_str)),
    );
    let wrong = (1..=PITFALLS).filter(|n| !cited.contains_key(n) || cited.get(n) != named.get(n));
    let what = |n: u32| {
        let tests = cited.get(&n).cloned().unwrap_or_default();
        format!("pitfall {n} is not what the tests say: {tests:?}")
    };
    wrong
        .map(|n| Problem::new(PATH, 1, what(n), ADVICE))
        .collect()
}

/// The tests that have a number above them, as `path/file.rs::test_name`.
fn cited(tree: &Tree) -> Tests {
    let mut tests = Tests::new();
    let sources = tree.texts().filter(|(path, _)| is_test_source(path));
    for (path, text) in sources {
        let lines: Vec<_> = text.lines().map(str::trim).collect();
        for (position, line) in lines.iter().enumerate() {
            let Some(rest) = pitfalls(line) else {
                continue;
            };
            let Some(name) = lines[position..].iter().find_map(|line| function(line)) else {
                continue;
            };
            for number in numbers(rest) {
                let cited = tests.entry(number).or_default();
                cited.insert(format!("{path}::{name}"));
            }
        }
    }
    tests
}

fn is_test_source(path: &str) -> bool {
    path.ends_with(".rs") && !path.starts_with("xtask/")
}

/// The numbers in a comment such as `// A-54: pitfalls 2 and 3. Words.`, as text.
fn pitfalls(line: &str) -> Option<&str> {
    let comment = line.strip_prefix("// ")?;
    let (_, rest) = comment.split_once("itfall")?;
    rest.split('.').next()
}

fn function(line: &str) -> Option<&str> {
    let (before, rest) = line.split_once("fn ")?;
    let is_code = !before.starts_with("//");
    rest.split('(').next().filter(|_| is_code)
}

fn numbers(text: &str) -> impl Iterator<Item = u32> {
    let words = text.split(|letter: char| !letter.is_ascii_digit());
    words.filter_map(|word| word.parse().ok())
}

/// The tests that the rows of the table name.
fn named(document: &str) -> Tests {
    let rows = document.lines().filter_map(table::cells);
    let row = |cells: Vec<&str>| {
        let number = cells.first()?.parse().ok()?;
        let tests = cells.last()?.split(", ");
        let tests = tests.map(|test| test.trim_matches('`').to_owned());
        Some((number, tests.collect()))
    };
    rows.filter_map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(row: &str) -> usize {
        let source = "// A-01: pitfalls 1 and 2. In 3 words.\n#[test]\nfn proves() {}";
        let files = [("crates/a/src/b.rs", source), (PATH, row)];
        check(&Tree::of(&files)).len()
    }

    #[test]
    fn a_row_that_names_other_tests_than_the_sources_is_found() {
        let true_row = "| 1 | x | `crates/a/src/b.rs::proves` |";
        assert_eq!(problems(true_row), 21);
        let both = format!("{true_row}\n| 2 | x | `crates/a/src/b.rs::proves` |");
        assert_eq!(problems(&both), 20);
        assert_eq!(problems("| 1 | x | `crates/a/src/b.rs::gone` |"), 22);
        let more = "| 1 | x | `crates/a/src/b.rs::proves`, `crates/a/src/b.rs::gone` |";
        assert_eq!(problems(more), 22);
    }
}
