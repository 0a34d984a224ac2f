//! The files of the workspace as values, so that a rule can also be shown a tree that exists only in a test.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use anyhow::{Context, Result};

use crate::tidy::source::{self, Line};

/// The text files below the root, by their path with forward slashes.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    texts: BTreeMap<String, String>,
    sources: BTreeMap<String, Source>,
}

/// A Rust file.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) lines: Vec<Line>,
    /// Whether the whole file is test code.
    pub(crate) is_test: bool,
}

impl Source {
    /// The lines that are not test code, with their numbers.
    pub(crate) fn product_lines(&self) -> impl Iterator<Item = (usize, &Line)> {
        self.numbered()
            .filter(|(_, line)| !self.is_test && !line.in_test)
    }

    /// The lines that are test code, with their numbers.
    pub(crate) fn test_lines(&self) -> impl Iterator<Item = (usize, &Line)> {
        self.numbered()
            .filter(|(_, line)| self.is_test || line.in_test)
    }

    fn numbered(&self) -> impl Iterator<Item = (usize, &Line)> {
        (1..).zip(&self.lines)
    }
}

impl Tree {
    /// Reads every text file below `root` but build output and version control.
    pub(crate) fn load(root: &Path) -> Result<Self> {
        let mut texts = BTreeMap::new();
        read(root, "", &mut texts).context("cannot read the workspace")?;
        Ok(Self::from_texts(texts))
    }

    /// A tree of the given files.
    #[cfg(test)]
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        Self::from_texts(
            files
                .iter()
                .map(|(path, text)| ((*path).into(), (*text).into()))
                .collect(),
        )
    }

    fn from_texts(texts: BTreeMap<String, String>) -> Self {
        let rust = texts.iter().filter(|(path, _)| path.ends_with(".rs"));
        let lines: BTreeMap<_, _> = rust
            .map(|(path, text)| (path.clone(), source::lex(text)))
            .collect();
        let declared: BTreeSet<_> = lines
            .iter()
            .flat_map(|(path, lines)| test_modules(path, lines))
            .collect();
        let source = |(path, lines): (String, Vec<Line>)| {
            let is_test = is_test_path(&path) || declared.contains(&path);
            (path, Source { lines, is_test })
        };
        let sources = lines.into_iter().map(source).collect();
        Self { texts, sources }
    }

    /// Every text file with its content.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.texts
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// The content of one file.
    pub(crate) fn text(&self, path: &str) -> Option<&String> {
        self.texts.get(path)
    }

    /// Every Rust file below one of the `folders`.
    pub(crate) fn sources<'a>(
        &'a self,
        folders: &'a [&str],
    ) -> impl Iterator<Item = (&'a str, &'a Source)> {
        let inside = |path: &str| folders.iter().any(|folder| path.starts_with(folder));
        let sources = self
            .sources
            .iter()
            .map(|(path, source)| (path.as_str(), source));
        sources.filter(move |(path, _)| inside(path))
    }
}

fn read(folder: &Path, prefix: &str, texts: &mut BTreeMap<String, String>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{prefix}{name}");
        let kind = entry.file_type()?;
        if kind.is_dir() && name != ".git" && name != "target" {
            read(&entry.path(), &format!("{path}/"), texts)?;
        }
        if kind.is_file() && name != ".git" {
            // What is not UTF-8 is not text, and has no rule.
            if let Ok(text) = String::from_utf8(fs::read(entry.path())?) {
                texts.insert(path, text);
            }
        }
    }
    Ok(())
}

fn is_test_path(path: &str) -> bool {
    let folder =
        path.starts_with("tests/") || path.contains("/tests/") || path.contains("/benches/");
    folder || path.ends_with("/tests.rs")
}

/// The files that `path` declares as test modules.
fn test_modules(path: &str, lines: &[Line]) -> Vec<String> {
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    let stem = file.trim_end_matches(".rs");
    let folder = match stem {
        "lib" | "main" | "mod" => folder.to_owned(),
        _ => format!("{folder}/{stem}"),
    };
    let names = lines.iter().filter(|line| line.in_test).filter_map(|line| {
        let declaration = line.code.trim().strip_suffix(';')?;
        declaration.split_once("mod ").map(|(_, name)| name.trim())
    });
    names
        .flat_map(|name| {
            [
                format!("{folder}/{name}.rs"),
                format!("{folder}/{name}/mod.rs"),
            ]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_test_modules_are_test_code() {
        let tree = Tree::of(&[
            (
                "crates/a/src/lib.rs",
                "#[cfg(test)]\nmod fake;\nmod real;\n#[cfg(test)]\nmod tests;",
            ),
            ("crates/a/src/fake.rs", "fn f() {}"),
            (
                "crates/a/src/real.rs",
                "fn g() {}\n#[cfg(test)]\nmod scripted;",
            ),
            ("crates/a/src/real/scripted.rs", "fn h() {}"),
            ("crates/a/src/tests.rs", ""),
            ("crates/a/tests/use.rs", ""),
        ]);
        let product: Vec<_> = tree
            .sources(&["crates/"])
            .filter(|(_, source)| !source.is_test)
            .map(|(path, _)| path)
            .collect();
        assert_eq!(product, ["crates/a/src/lib.rs", "crates/a/src/real.rs"]);
        let (_, real) = tree.sources(&["crates/a/src/real.rs"]).next().unwrap();
        assert_eq!(real.product_lines().count(), 1);
    }
}
