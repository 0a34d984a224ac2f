//! amp-client only sends the operations of amp-api: it has no wire types and no paths of its own.

use crate::tidy::{problem::Problem, source::Line, tree::Tree};

pub(crate) fn check(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (path, source) in tree.sources(&["crates/amp-client/src/"]) {
        for (number, line) in source.product_lines() {
            if has_serde_type(line) {
                let advice = "make the type a value of amp-api";
                problems.push(Problem::new(
                    path,
                    number,
                    "a serde type in amp-client",
                    advice,
                ));
            }
            if let Some(literal) = line.strings.iter().find(|text| is_path(text)) {
                let what = format!("the path literal \"{literal}\" in amp-client");
                problems.push(Problem::new(
                    path,
                    number,
                    what,
                    "take the path from an operation of amp-api",
                ));
            }
        }
    }
    problems
}

fn has_serde_type(line: &Line) -> bool {
    let mut words = line
        .code
        .split(|next: char| !next.is_alphanumeric() && next != '_');
    words.any(|word| word == "Serialize" || word == "Deserialize")
}

/// Whether the text is or formats the path of a request. Whole URLs, media types and prose are not.
fn is_path(text: &str) -> bool {
    let other = text.contains("://") || text.contains(char::is_whitespace) || text.starts_with('.');
    let media_type = text.starts_with("application/") || text.starts_with("text/");
    let goes_on =
        |rest: &str| rest.starts_with(|next: char| next.is_ascii_alphanumeric() || next == '{');
    !other && !media_type && text.split('/').skip(1).any(goes_on)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::problem::lines;

    #[test]
    fn wire_types_and_paths_are_found() {
        let text = "#[derive(Debug, Deserialize)]\nstruct Answer;\nlet a = \"/assets\";\nlet b = format!(\"{base}/info\");";
        let tree = Tree::of(&[("crates/amp-client/src/a.rs", text)]);
        assert_eq!(
            lines(&check(&tree)),
            [
                "crates/amp-client/src/a.rs:1: a serde type in amp-client: make the type a value of amp-api",
                "crates/amp-client/src/a.rs:3: the path literal \"/assets\" in amp-client: take the path from an operation of amp-api",
                "crates/amp-client/src/a.rs:4: the path literal \"{base}/info\" in amp-client: take the path from an operation of amp-api",
            ]
        );
    }

    #[test]
    fn urls_media_types_prose_tests_and_other_crates_are_left_alone() {
        let text = "f(\"https://h/api\", \"application/json\", \"read/write failed\", \"/\");\nfn g<T: DeserializeOwned>() {}\n#[cfg(test)]\nmod tests { const P: &str = \"/assets\"; }";
        let tree = Tree::of(&[
            ("crates/amp-client/src/a.rs", text),
            ("crates/amp-api/src/a.rs", "const P: &str = \"/assets\";"),
        ]);
        assert_eq!(lines(&check(&tree)), [""; 0]);
    }
}
