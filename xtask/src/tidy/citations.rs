//! Which test proves which row: read from the comment line directly above a test's attribute.

use std::collections::{BTreeMap, BTreeSet};

use crate::tidy::{problem::Problem, rows, source::Line, tree::Tree};

const ADVICE: &str = "write `// A-23, W-A11: why` directly above the test's attribute";

/// The tests of the workspace and the rows they cite.
#[derive(Debug, Default)]
pub(crate) struct Citations {
    /// Every test, as `path/file.rs::test_name`.
    pub(crate) tests: BTreeSet<String>,
    /// The tests that cite a row.
    pub(crate) proofs: BTreeMap<String, BTreeSet<String>>,
    pub(crate) problems: Vec<Problem>,
}

/// Reads every Rust file of the workspace.
pub(crate) fn collect(tree: &Tree) -> Citations {
    let mut citations = Citations::default();
    for (path, source) in tree.sources(&["crates/", "xtask/", "tests/"]) {
        let mut scanner = Scanner {
            path,
            block: Block::default(),
            citations: &mut citations,
        };
        for (line, number) in source.lines.iter().zip(1..) {
            scanner.line(line, number);
        }
    }
    citations
}

/// The comments and attributes collected so far above an item.
#[derive(Debug, Default)]
struct Block {
    cited: Vec<Cited>,
    /// Citations that a blank line cut off.
    detached: Vec<Cited>,
    attribute: String,
    is_test: bool,
}

#[derive(Debug)]
struct Cited {
    line: usize,
    /// `None` when the comment begins like a citation but is none.
    rows: Option<Vec<String>>,
}

struct Scanner<'a> {
    path: &'a str,
    block: Block,
    citations: &'a mut Citations,
}

impl Scanner<'_> {
    fn line(&mut self, line: &Line, number: usize) {
        let code = line.code.trim();
        match (code.is_empty(), &line.comment) {
            (false, _) => self.code(code),
            (true, Some(comment)) => self.comment(comment, number),
            (true, None) => self.block.detached.append(&mut self.block.cited),
        }
    }

    fn comment(&mut self, comment: &str, line: usize) {
        let Some(text) = comment
            .strip_prefix("// ")
            .filter(|text| rows::looks_like_one(text))
        else {
            return;
        };
        self.block.cited.push(Cited {
            line,
            rows: rows::parse_list(text),
        });
    }

    /// Takes attributes off the front of `code`; an attribute may go on over several lines.
    fn code(&mut self, code: &str) {
        if self.block.attribute.is_empty() && !code.starts_with("#[") {
            return self.item(code);
        }
        self.block.attribute.push_str(code);
        let Some(end) = end_of_attribute(&self.block.attribute) else {
            return;
        };
        let text = std::mem::take(&mut self.block.attribute);
        let (attribute, rest) = text.split_at(end);
        self.block.is_test |= is_test(attribute);
        if !rest.trim().is_empty() {
            self.code(rest.trim());
        }
    }

    fn item(&mut self, code: &str) {
        let block = std::mem::take(&mut self.block);
        let Some(name) = function_name(code).filter(|_| block.is_test) else {
            return;
        };
        let test = format!("{}::{name}", self.path);
        for cited in block.detached {
            let what = format!("a blank line parts this citation from {name}");
            self.problem(cited.line, what);
        }
        for cited in block.cited {
            match cited.rows {
                Some(rows) => self.cite(&test, cited.line, rows),
                None => self.problem(cited.line, "not a list of rows".to_owned()),
            }
        }
        self.citations.tests.insert(test);
    }

    fn cite(&mut self, test: &str, line: usize, cited: Vec<String>) {
        for row in cited {
            if rows::is_known(&row) {
                self.citations
                    .proofs
                    .entry(row)
                    .or_default()
                    .insert(test.to_owned());
            } else if !rows::is_decision(&row) {
                self.problem(line, format!("there is no row {row}"));
            }
        }
    }

    fn problem(&mut self, line: usize, what: String) {
        self.citations
            .problems
            .push(Problem::new(self.path, line, what, ADVICE));
    }
}

fn end_of_attribute(text: &str) -> Option<usize> {
    let mut depth = 0;
    for (position, next) in text.char_indices() {
        match next {
            '[' => depth += 1,
            ']' => depth -= 1,
            _ => continue,
        }
        if depth == 0 {
            return Some(position + 1);
        }
    }
    None
}

/// Whether the attribute is `#[test]`, `#[tokio::test(…)]` or the like.
fn is_test(attribute: &str) -> bool {
    let inner = attribute.trim_start_matches("#[");
    let path = inner.split(['(', ']', ' ', '=']).next().unwrap_or_default();
    path == "test" || path.ends_with("::test")
}

fn function_name(code: &str) -> Option<&str> {
    let mut words = code
        .split_whitespace()
        .skip_while(|word| *word != "fn")
        .skip(1);
    words.next()?.split(['(', '<']).next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::problem::lines;

    fn collected(text: &str) -> Citations {
        collect(&Tree::of(&[("crates/a/src/b.rs", text)]))
    }

    fn proofs(text: &str) -> Vec<(String, Vec<String>)> {
        let name = |test: String| test.replace("crates/a/src/b.rs::", "");
        let proofs = collected(text).proofs.into_iter();
        proofs
            .map(|(row, tests)| (row, tests.into_iter().map(name).collect()))
            .collect()
    }

    #[test]
    fn the_comment_above_a_test_cites_rows() {
        let text = "\
// A-23, W-A11: why this matters,
// and more of it.
#[tokio::test(
    start_paused = true
)]
#[cfg(unix)]
async fn one() {}

// A-23
#[test]
fn two() {}
";
        let expected = [("A-23", vec!["one", "two"]), ("W-A11", vec!["one"])];
        let expected = expected.map(|(row, tests)| {
            (
                row.to_owned(),
                tests.into_iter().map(str::to_owned).collect(),
            )
        });
        assert_eq!(proofs(text), expected);
        assert!(collected(text).problems.is_empty());
    }

    #[test]
    fn tests_inside_modules_and_macros_are_found() {
        let text = "mod tests {\n  proptest! {\n    // A-61\n    #[test]\n    fn bounded(n in 0u32..9) {}\n  }\n}";
        assert_eq!(
            proofs(text),
            [("A-61".to_owned(), vec!["bounded".to_owned()])]
        );
    }

    #[test]
    fn a_comment_above_other_code_cites_nothing() {
        let text = "// A-03: the default.\nconst N: u32 = 3;\n#[test]\nfn f() {}\nlet s = \"\n// A-05\n#[test]\nfn g() {}\";";
        let citations = collected(text);
        assert!(citations.proofs.is_empty(), "{citations:?}");
        assert_eq!(citations.tests.len(), 1);
        assert!(citations.problems.is_empty(), "{citations:?}");
    }

    #[test]
    fn citations_that_would_be_lost_are_problems() {
        let text = "// A-23\n\n#[test]\nfn f() {}\n// A-24 and A-25\n#[test]\nfn g() {}\n// A-79\n#[test]\nfn h() {}";
        let advice = ADVICE;
        assert_eq!(
            lines(&collected(text).problems),
            [
                format!("crates/a/src/b.rs:1: a blank line parts this citation from f: {advice}"),
                format!("crates/a/src/b.rs:5: not a list of rows: {advice}"),
                format!("crates/a/src/b.rs:8: there is no row A-79: {advice}"),
            ]
        );
    }
}
