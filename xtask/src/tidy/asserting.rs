//! A test can fail: it asserts, or calls somebody who does.
//!
//! The two systems that this project re-implements have tests that call something and look at nothing.

use std::collections::BTreeSet;

use crate::tidy::{
    problem::Problem,
    tree::{Source, Tree},
};

/// What ends a test that found something wrong.
const FAILING: [&str; 6] = ["assert", "panic!", "unreachable!", "unwrap", "expect", "?"];

/// A function with its body.
struct Function<'a> {
    path: &'a str,
    line: usize,
    name: &'a str,
    is_test: bool,
    body: Vec<&'a str>,
}

pub(crate) fn check(tree: &Tree) -> Vec<Problem> {
    let files = tree.sources(&["crates/", "xtask/", "tests/", "benches/"]);
    let functions: Vec<_> = files
        .flat_map(|(path, source)| functions_in(path, source))
        .collect();
    let asserting = asserting(&functions);
    let idle = functions
        .iter()
        .filter(|function| function.is_test && !function.can_fail(&asserting));
    idle.map(|function| {
        let what = format!("{} asserts nothing", function.name);
        let advice = "say what must hold, or remove the test";
        Problem::new(function.path, function.line, what, advice)
    })
    .collect()
}

/// The names of all functions that can fail a test, each because it asserts or calls one that does.
/// What makes a value of its own type is called for that, not to look at something.
fn asserting<'a>(functions: &[Function<'a>]) -> BTreeSet<&'a str> {
    let mut known = BTreeSet::new();
    loop {
        let found: Vec<_> = functions
            .iter()
            .filter(|function| !known.contains(function.name) && !function.makes_self())
            .filter(|function| function.can_fail(&known))
            .map(|function| function.name)
            .collect();
        if found.is_empty() {
            return known;
        }
        known.extend(found);
    }
}

impl Function<'_> {
    fn makes_self(&self) -> bool {
        self.body.iter().any(|line| line.contains("-> Self"))
    }

    fn can_fail(&self, asserting: &BTreeSet<&str>) -> bool {
        let fails = |line: &&str| {
            FAILING.iter().any(|word| line.contains(word))
                || words(line).any(|word| asserting.contains(word))
        };
        self.body.iter().any(fails)
    }
}

/// The functions of test code. They end where a brace stands below their first letter, as rustfmt
/// has it.
fn functions_in<'a>(path: &'a str, source: &'a Source) -> Vec<Function<'a>> {
    let lines = &source.lines;
    let mut functions = Vec::new();
    let mut is_test = false;
    for (index, line) in lines.iter().enumerate() {
        if !source.is_test && !line.in_test {
            continue;
        }
        let code = line.code.trim_start();
        is_test |= code.starts_with("#[test]") || code.starts_with("#[tokio::test");
        let Some(name) = name_of(code) else {
            continue;
        };
        let end = format!("{}}}", &line.code[..line.code.len() - code.len()]);
        let below = lines[index + 1..].iter().map(|line| line.code.as_str());
        let is_short = code.ends_with(['}', ';']);
        let body = below.take_while(|code| !is_short && !code.starts_with(&end));
        functions.push(Function {
            path,
            line: index + 1,
            name,
            is_test: std::mem::take(&mut is_test),
            body: std::iter::once(after_name(code, name))
                .chain(body)
                .collect(),
        });
    }
    functions
}

/// The name of the function that starts on this line.
fn name_of(code: &str) -> Option<&str> {
    let (before, rest) = code.split_once("fn ")?;
    let is_start = before.is_empty() || before.ends_with(' ');
    let name = words(rest).next()?;
    (is_start && !before.contains(['(', '=']) && rest.starts_with(name)).then_some(name)
}

/// What stands behind the name, without which every function would call itself.
fn after_name<'a>(code: &'a str, name: &str) -> &'a str {
    code.split_once(name).map_or("", |(_, rest)| rest)
}

fn words(code: &str) -> impl Iterator<Item = &str> {
    let words = code.split(|next: char| !next.is_alphanumeric() && next != '_');
    words.filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::problem::lines;

    // W-C23
    #[test]
    fn a_test_that_looks_at_nothing_is_found() {
        let tree = Tree::of(&[(
            "crates/a/tests/b.rs",
            "\
//! Tests.
#[test]
fn asserts() {
    assert_eq!(1, 1);
}
#[tokio::test(start_paused = true)]
async fn calls_who_asserts() {
    through().await;
}
async fn through() {
    check();
}
fn check() { panic!() }
#[test]
fn looks_at_nothing() {
    let name = \"assert\"; // assert
    call(name);
}
fn call(_: &str) {}
",
        )]);
        let advice = "say what must hold, or remove the test";
        assert_eq!(
            lines(&check(&tree)),
            [format!(
                "crates/a/tests/b.rs:15: looks_at_nothing asserts nothing: {advice}"
            )]
        );
    }
}
