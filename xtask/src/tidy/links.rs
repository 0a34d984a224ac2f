//! A link between documents leads somewhere.

use crate::tidy::{problem::Problem, tree::Tree};

pub(crate) fn check(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (path, text) in tree.texts().filter(|(path, _)| path.ends_with(".md")) {
        for (line, number) in text.lines().zip(1..) {
            let dead = targets(line).filter(|target| !leads_somewhere(tree, path, target));
            problems.extend(dead.map(|target| {
                let what = format!("the link to {target} leads nowhere");
                Problem::new(path, number, what, "correct it, or add the file")
            }));
        }
    }
    problems
}

/// The targets of `[text](target)` that are files.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    let targets = line
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split([')', '#']).next());
    targets.filter(|target| !target.is_empty() && !target.contains("://"))
}

fn leads_somewhere(tree: &Tree, from: &str, target: &str) -> bool {
    let mut parts: Vec<_> = from.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "." => {}
            ".." => _ = parts.pop(),
            name => parts.push(name),
        }
    }
    tree.text(&parts.join("/")).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::problem::lines;

    #[test]
    fn a_link_to_a_file_that_is_not_there_is_found() {
        let tree = Tree::of(&[
            (
                "README.md",
                "[a](docs/a.md), [b](docs/b.md#part)\n[web](https://host/docs/b.md) [part](#part)",
            ),
            ("docs/a.md", "[up](../README.md) and [gone](../gone.md)"),
        ]);
        assert_eq!(
            lines(&check(&tree)),
            [
                "README.md:1: the link to docs/b.md leads nowhere: correct it, or add the file",
                "docs/a.md:1: the link to ../gone.md leads nowhere: correct it, or add the file",
            ]
        );
    }
}
