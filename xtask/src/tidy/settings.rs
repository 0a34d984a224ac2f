//! `docs/configuration.md` and the code name the same variables.
//!
//! A variable of the code is a string literal `AMP_…`, `API_…`, `TOKEN_STORE_…` or `…_PROXY` outside tests; one of the
//! document is a table row whose first cell is it. The last column says which crates read it; it is derived, `tidy --fix`
//! rewrites it. By hand is only `pending: <crate>`, for a variable that no code reads yet.

use std::collections::{BTreeMap, BTreeSet};

use crate::tidy::{problem::Problem, table, tree::Tree};

/// The document, from the root.
pub(crate) const PATH: &str = "docs/configuration.md";

const FIX: &str = "run `cargo xtask tidy --fix`";

/// The problems of the document, and how many variables are pending.
pub(crate) fn check(tree: &Tree, complete: bool) -> (Vec<Problem>, usize) {
    let Some(text) = tree.text(PATH) else {
        return (
            vec![Problem::new(
                PATH,
                1,
                "the document is missing",
                "restore it",
            )],
            0,
        );
    };
    let code = read_code(tree);
    let mut problems = Vec::new();
    let mut documented = BTreeSet::new();
    let mut pending = 0;
    for (line, number) in text.lines().zip(1..) {
        let Some((name, cells)) = variable_row(line) else {
            continue;
        };
        let said = cells.last().copied().unwrap_or_default();
        let is_pending = said.starts_with("pending:");
        pending += usize::from(is_pending);
        match code.get(name) {
            None if is_pending && complete => problems.push(Problem::new(
                PATH,
                number,
                format!("{name} is pending"),
                "read it, or remove it",
            )),
            None if is_pending => {}
            None => problems.push(Problem::new(
                PATH,
                number,
                format!("no code reads {name}"),
                "remove it, or write `pending: <crate>`",
            )),
            Some(place) if said != place.crates() => problems.push(Problem::new(
                PATH,
                number,
                format!("{name} is read by {}", place.crates()),
                FIX,
            )),
            Some(_) => {}
        }
        documented.insert(name);
    }
    let missing = code
        .iter()
        .filter(|(name, _)| !documented.contains(name.as_str()));
    problems.extend(missing.map(|(name, place)| {
        Problem::new(
            &place.file,
            place.line,
            format!("{name} is not in {PATH}"),
            "add a row with its default, its values and its source",
        )
    }));
    (problems, pending)
}

/// The document with its last column rewritten from the code.
pub(crate) fn fixed(tree: &Tree) -> Option<String> {
    let code = read_code(tree);
    let fix = |line: &str| {
        let Some((name, mut cells)) = variable_row(line) else {
            return line.to_owned();
        };
        let crates = code.get(name).map(Place::crates);
        match (cells.last_mut(), &crates) {
            (Some(last), Some(crates)) => *last = crates,
            _ => return line.to_owned(),
        }
        table::line(&cells)
    };
    let lines: Vec<_> = tree.text(PATH)?.lines().map(fix).collect();
    Some(lines.join("\n") + "\n")
}

/// Where a variable is first named, and by which crates.
struct Place {
    file: String,
    line: usize,
    crates: BTreeSet<String>,
}

impl Place {
    fn crates(&self) -> String {
        self.crates.iter().cloned().collect::<Vec<_>>().join(", ")
    }
}

fn read_code(tree: &Tree) -> BTreeMap<String, Place> {
    let mut places: BTreeMap<String, Place> = BTreeMap::new();
    for (path, source) in tree.sources(&["crates/"]) {
        let name = path.split('/').nth(1).unwrap_or_default();
        for (number, line) in source.product_lines() {
            for variable in line.strings.iter().filter(|text| is_variable(text)) {
                let place = places.entry(variable.clone()).or_insert_with(|| Place {
                    file: path.to_owned(),
                    line: number,
                    crates: BTreeSet::new(),
                });
                place.crates.insert(name.to_owned());
            }
        }
    }
    places
}

/// The variable and all cells of a row such as `` | `AMP_USERNAME` | … | ``.
fn variable_row(line: &str) -> Option<(&str, Vec<&str>)> {
    let cells = table::cells(line)?;
    let name = cells.first()?.strip_prefix('`')?.strip_suffix('`')?;
    is_variable(name).then_some((name, cells))
}

fn is_variable(text: &str) -> bool {
    let ours = ["AMP_", "API_", "TOKEN_STORE_"];
    let mut rests = ours.iter().map(|prefix| text.strip_prefix(prefix));
    let Some(rest) = rests.find_map(|rest| rest).or(text.strip_suffix("_PROXY")) else {
        return false;
    };
    let allowed = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    !rest.is_empty() && rest.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::problem::lines;

    #[test]
    fn names_of_ours_and_of_proxies_are_variables() {
        for name in ["AMP_A", "API_B_2", "TOKEN_STORE_C", "NO_PROXY"] {
            assert!(is_variable(name), "{name}");
        }
        for text in [
            "AMP_",
            "TOKEN_STORE_",
            "_PROXY",
            "AMP_a",
            "PROXY",
            "no_proxy",
            "PATH",
        ] {
            assert!(!is_variable(text), "{text}");
        }
    }

    const CODE: &str = "const A: &str = \"AMP_A\";\nlet text = \"set AMP_B first\";\n#[cfg(test)]\nmod tests { const C: &str = \"AMP_C\"; }";

    fn tree(document: &str) -> Tree {
        Tree::of(&[
            (PATH, document),
            ("crates/amp-client/src/a.rs", CODE),
            ("crates/amp-cli/src/a.rs", "f(\"AMP_A\");"),
        ])
    }

    #[test]
    fn a_document_that_agrees_with_the_code_has_no_problem() {
        let (problems, pending) = check(&tree("| `AMP_A` | amp-cli, amp-client |"), true);
        assert_eq!((lines(&problems), pending), (Vec::new(), 0));
    }

    #[test]
    fn a_variable_that_only_the_code_has_is_found() {
        let (problems, _) = check(
            &tree("| variable | read by |\n`AMP_A` in prose is no row."),
            false,
        );
        assert_eq!(
            lines(&problems),
            [
                "crates/amp-cli/src/a.rs:1: AMP_A is not in docs/configuration.md: add a row with its default, its values and its source"
            ]
        );
    }

    #[test]
    fn a_variable_that_only_the_document_has_is_found_unless_pending() {
        let document = |said| format!("| `AMP_A` | amp-cli, amp-client |\n| `API_X` | {said} |");
        let (problems, _) = check(&tree(&document("amp-client")), false);
        assert_eq!(
            lines(&problems),
            [
                "docs/configuration.md:2: no code reads API_X: remove it, or write `pending: <crate>`"
            ]
        );
        let (problems, pending) = check(&tree(&document("pending: amp-client")), false);
        assert_eq!((lines(&problems), pending), (Vec::new(), 1));
        let (problems, _) = check(&tree(&document("pending: amp-client")), true);
        assert_eq!(problems.len(), 1);
    }

    #[test]
    fn the_reading_crates_are_copied_from_the_code() {
        let stale = tree("| `AMP_A` | 1 | pending: amp-client |\n| `API_X` | 2 | pending: retry |");
        assert_eq!(check(&stale, false).0.len(), 1);
        let expected = "| `AMP_A` | 1 | amp-cli, amp-client |\n| `API_X` | 2 | pending: retry |\n";
        assert_eq!(fixed(&stale).as_deref(), Some(expected));
    }
}
