//! `docs/behaviours.md` has every row, and says truly which test proves it.
//!
//! The proof column is derived: the citations above the tests are the source of truth, `tidy --fix` copies them here.
//! By hand is only `pending: <crate>`: what is still missing, alone or after the tests of the part that is there. The
//! first test in that crate, or in one above it, ends it.

use std::collections::{BTreeMap, BTreeSet};

use crate::tidy::{arrows, citations::Citations, problem::Problem, rows, table, tree::Tree};

/// The document, from the root.
pub(crate) const PATH: &str = "docs/behaviours.md";

const FIX: &str = "run `cargo xtask tidy --fix`";

/// The problems of the document, and how many rows are pending.
pub(crate) fn check(tree: &Tree, citations: &Citations, complete: bool) -> (Vec<Problem>, usize) {
    let Some(text) = tree.text(PATH) else {
        let missing = Problem::new(PATH, 1, "the document is missing", "restore it");
        return (vec![missing], 0);
    };
    let document = read(text);
    let mut problems = document.problems;
    for (id, row) in &document.rows {
        problems.extend(row.problems(id, citations, complete));
    }
    let missing = rows::all().filter(|id| !document.rows.contains_key(id));
    problems.extend(missing.map(|id| {
        Problem::new(
            PATH,
            1,
            format!("row {id} is missing"),
            "add it with its proof or `pending: <crate>`",
        )
    }));
    problems.sort_by_key(|problem| problem.line);
    let pending = document
        .rows
        .values()
        .filter(|row| !row.pending.is_empty())
        .count();
    (problems, pending)
}

/// The document with its proof column rewritten from the citations.
pub(crate) fn fixed(tree: &Tree, citations: &Citations) -> Option<String> {
    let fix = |line: &str| match table::cells(line).as_deref() {
        Some([id, behaviour, proof]) if rows::is_known(id) => {
            let row = Row::read(0, proof).with_tests(citations.proofs.get(*id));
            table::line(&[id, behaviour, &row.proof()])
        }
        _ => line.to_owned(),
    };
    let lines: Vec<_> = tree.text(PATH)?.lines().map(fix).collect();
    Some(lines.join("\n") + "\n")
}

struct Document {
    rows: BTreeMap<String, Row>,
    problems: Vec<Problem>,
}

fn read(text: &str) -> Document {
    let mut document = Document {
        rows: BTreeMap::new(),
        problems: Vec::new(),
    };
    for (line, number) in text.lines().zip(1..) {
        let Some(cells) = table::cells(line) else {
            continue;
        };
        let id = cells.first().copied().unwrap_or_default();
        if !rows::looks_like_one(id) {
            continue;
        }
        let mut problem = |what: String, advice: &str| {
            document
                .problems
                .push(Problem::new(PATH, number, what, advice));
        };
        let [_, behaviour, proof] = cells[..] else {
            problem(
                format!("row {id} does not have three columns"),
                "write `| id | behaviour | proof |`",
            );
            continue;
        };
        if !rows::is_known(id) {
            problem(format!("there is no row {id}"), "remove it");
            continue;
        }
        if behaviour.is_empty() {
            problem(
                format!("row {id} does not say what it is"),
                "describe the behaviour in few words",
            );
        }
        if document
            .rows
            .insert(id.to_owned(), Row::read(number, proof))
            .is_some()
        {
            problem(format!("row {id} is there twice"), "keep one");
        }
    }
    document
}

/// The proof of one row.
#[derive(Debug)]
struct Row {
    line: usize,
    tests: BTreeSet<String>,
    /// The crates in which the rest of the proof will be.
    pending: Vec<String>,
}

impl Row {
    fn read(line: usize, proof: &str) -> Self {
        let mut row = Self {
            line,
            tests: BTreeSet::new(),
            pending: Vec::new(),
        };
        for item in proof
            .split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty())
        {
            match item.strip_prefix("pending:") {
                Some(name) => row.pending.push(name.trim().to_owned()),
                None => _ = row.tests.insert(item.trim_matches('`').to_owned()),
            }
        }
        row
    }

    /// The first test in a crate, or above it, ends what is pending for that crate; a test further down proves only a
    /// part. What is pending beside such tests stays, a person wrote it.
    fn with_tests(self, cited: Option<&BTreeSet<String>>) -> Self {
        let tests = cited.cloned().unwrap_or_default();
        let proven = |tests: &BTreeSet<String>, name: &str| {
            tests.iter().any(|test| arrows::proves(test, name))
        };
        let ends = |name: &String| proven(&tests, name) && !proven(&self.tests, name);
        let pending = self
            .pending
            .iter()
            .filter(|name| !ends(name))
            .cloned()
            .collect();
        Self {
            line: self.line,
            tests,
            pending,
        }
    }

    fn proof(&self) -> String {
        let tests = self.tests.iter().map(|test| format!("`{test}`"));
        let pending = self.pending.iter().map(|name| format!("pending: {name}"));
        tests.chain(pending).collect::<Vec<_>>().join(", ")
    }

    fn problems(&self, id: &str, citations: &Citations, complete: bool) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut problem = |what: String, advice: &str| {
            problems.push(Problem::new(PATH, self.line, what, advice));
        };
        let nobody = BTreeSet::new();
        let cited = citations.proofs.get(id).unwrap_or(&nobody);
        if self.tests.is_empty() && self.pending.is_empty() {
            problem(
                format!("row {id} has no proof"),
                "cite it above a test, or write `pending: <crate>`",
            );
        }
        for test in self.tests.difference(cited) {
            match citations.tests.contains(test) {
                true => problem(format!("{test} does not cite {id}"), FIX),
                false => problem(
                    format!("row {id} names a test that does not exist: {test}"),
                    FIX,
                ),
            }
        }
        for test in cited.difference(&self.tests) {
            problem(
                format!("row {id} does not name {test}, which cites it"),
                FIX,
            );
        }
        for name in self.pending.iter().filter(|name| !arrows::is_crate(name)) {
            problem(
                format!("row {id} is pending for {name}, which is no crate"),
                "name a crate of the workspace",
            );
        }
        if complete && !self.pending.is_empty() {
            problem(
                format!("row {id} is pending: {}", self.pending.join(", ")),
                "prove it with a test",
            );
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::{citations, problem::lines};

    const TESTS: &str = "// A-01: why\n#[test]\nfn proves() {}\n#[test]\nfn bare() {}";

    /// A document in which every row is pending but those in `special`.
    fn tree(special: &[(&str, &str)]) -> Tree {
        let proof = |id: &str| {
            special
                .iter()
                .find(|(row, _)| *row == id)
                .map_or("pending: retry", |(_, proof)| proof)
        };
        let line = |id: String| table::line(&[&id, "what", proof(&id)]);
        let lines: Vec<_> = rows::all()
            .filter(|id| proof(id) != "absent")
            .map(line)
            .collect();
        Tree::of(&[(PATH, &lines.join("\n")), ("crates/retry/src/b.rs", TESTS)])
    }

    fn problems(special: &[(&str, &str)], complete: bool) -> Vec<String> {
        let tree = tree(special);
        lines(&check(&tree, &citations::collect(&tree), complete).0)
    }

    const PROVEN: (&str, &str) = ("A-01", "`crates/retry/src/b.rs::proves`");

    #[test]
    fn a_true_document_has_no_problem_until_it_must_be_complete() {
        assert_eq!(problems(&[PROVEN], false), [""; 0]);
        let tree = tree(&[PROVEN]);
        let (all, pending) = check(&tree, &citations::collect(&tree), true);
        assert_eq!((all.len(), pending), (217, 217));
        assert!(
            all[0].to_string().contains("row A-02 is pending: retry"),
            "{}",
            all[0]
        );
    }

    #[test]
    fn a_missing_row_is_found() {
        let found = problems(&[PROVEN, ("C-30", "absent")], false);
        assert_eq!(
            found,
            [
                "docs/behaviours.md:1: row C-30 is missing: add it with its proof or `pending: <crate>`"
            ]
        );
    }

    #[test]
    fn a_row_with_neither_proof_nor_pending_is_found() {
        let found = problems(&[PROVEN, ("A-03", "")], false);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(
            found[0].starts_with("docs/behaviours.md:3: row A-03 has no proof"),
            "{found:?}"
        );
    }

    #[test]
    fn a_test_that_does_not_exist_or_does_not_cite_is_found() {
        let absent = "`crates/retry/src/b.rs::gone`";
        let silent = "`crates/retry/src/b.rs::bare`";
        let found = problems(&[PROVEN, ("A-02", absent), ("A-03", silent)], false);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(
            found[0].contains(
                ":2: row A-02 names a test that does not exist: crates/retry/src/b.rs::gone"
            ),
            "{found:?}"
        );
        assert!(
            found[1].contains(":3: crates/retry/src/b.rs::bare does not cite A-03"),
            "{found:?}"
        );
    }

    #[test]
    fn a_citation_the_document_does_not_name_is_found() {
        let found = problems(&[], false);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(
            found[0]
                .contains("row A-01 does not name crates/retry/src/b.rs::proves, which cites it"),
            "{found:?}"
        );
    }

    #[test]
    fn unknown_rows_double_rows_and_unknown_crates_are_found() {
        let text = "| A-79 | what | pending: retry |\n| A-02 | what | pending: retries |\n| A-02 | | pending: retry |\n| A-03 | x |";
        let tree = Tree::of(&[(PATH, text)]);
        let found = lines(&check(&tree, &Citations::default(), false).0);
        let has = |what: &str| {
            assert!(
                found.iter().any(|line| line.contains(what)),
                "{what} not in {found:#?}"
            )
        };
        has("docs/behaviours.md:1: there is no row A-79");
        has("docs/behaviours.md:3: row A-02 is there twice");
        has("docs/behaviours.md:3: row A-02 does not say what it is");
        has("docs/behaviours.md:4: row A-03 does not have three columns");
        let tree = self::tree(&[PROVEN, ("A-02", "pending: retries")]);
        let found = lines(&check(&tree, &citations::collect(&tree), false).0);
        assert!(
            found[0].contains("pending for retries, which is no crate"),
            "{found:?}"
        );
    }

    #[test]
    fn fixing_copies_the_citations_and_keeps_what_a_person_wrote() {
        let fixed_line = |proof| {
            let tree = tree(&[("A-01", proof)]);
            let text = fixed(&tree, &citations::collect(&tree)).unwrap();
            text.lines().next().unwrap().to_owned()
        };
        let proven = "| A-01 | what | `crates/retry/src/b.rs::proves` |";
        assert_eq!(fixed_line("pending: retry"), proven);
        assert_eq!(fixed_line("pending: token-core"), proven);
        assert_eq!(fixed_line("`crates/retry/src/b.rs::gone`"), proven);
        let part = "| A-01 | what | `crates/retry/src/b.rs::proves`, pending: retry |";
        assert_eq!(
            fixed_line("`crates/retry/src/b.rs::gone`, pending: retry"),
            part
        );
    }

    #[test]
    fn a_test_below_the_pending_crate_proves_only_a_part() {
        let tree = tree(&[("A-01", "pending: amp-client")]);
        let text = fixed(&tree, &citations::collect(&tree)).unwrap();
        let part = "| A-01 | what | `crates/retry/src/b.rs::proves`, pending: amp-client |";
        assert_eq!(text.lines().next(), Some(part));
    }
}
