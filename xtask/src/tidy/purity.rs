//! token-core and amp-api decide and describe; they do not read clocks, files, the environment or the network.

use crate::tidy::{problem::Problem, tree::Tree};

const PURE: &[&str] = &["crates/token-core/src/", "crates/amp-api/src/"];

const CLOCKS: &[&str] = &["SystemTime::now", "Instant::now", "now_utc", "now_local"];

/// Modules of `std` that reach outside the process.
const MODULES: &[&str] = &["env", "fs", "io", "net", "os", "process", "thread"];

pub(crate) fn check(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (path, source) in tree.sources(PURE) {
        for (number, line) in source.product_lines() {
            let clocks = CLOCKS.iter().filter(|clock| line.code.contains(*clock));
            problems.extend(clocks.map(|clock| {
                Problem::new(
                    path,
                    number,
                    format!("reads the clock with {clock}"),
                    "take `now` as an argument",
                )
            }));
            let modules = MODULES.iter().filter(|module| uses(&line.code, module));
            problems.extend(modules.map(|module| {
                Problem::new(
                    path,
                    number,
                    format!("uses std::{module}"),
                    "leave I/O to a crate above",
                )
            }));
        }
    }
    problems
}

/// Whether the line names `std::module`, alone or in a group of imports.
fn uses(code: &str, module: &str) -> bool {
    let starts = |rest: &str| {
        rest.strip_prefix(module).is_some_and(|rest| {
            !rest.starts_with(|next: char| next.is_alphanumeric() || next == '_')
        })
    };
    let group = |rest: &str| {
        rest.strip_prefix('{')
            .is_some_and(|group| group.split(',').any(|part| starts(part.trim())))
    };
    let mut paths = code.split("std::").skip(1);
    // A group that rustfmt spread over lines has one part per line, at the first level of indentation.
    let spread = code
        .strip_prefix("    ")
        .is_some_and(|part| starts(part) && part.ends_with(',') && !part.contains('('));
    paths.any(|rest| starts(rest) || group(rest))
        || (spread && (code.contains("::") || code.trim_end() == format!("    {module},")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::problem::lines;

    #[test]
    fn clocks_and_io_are_found() {
        let text = "use std::{collections::BTreeMap, fs};\nlet a = SystemTime::now();\nlet b = std::env::var_os(\"A\");\nuse std::{\n    net::IpAddr,\n    time::Duration,\n};";
        let found = lines(&check(&Tree::of(&[("crates/token-core/src/a.rs", text)])));
        assert_eq!(
            found,
            [
                "crates/token-core/src/a.rs:1: uses std::fs: leave I/O to a crate above",
                "crates/token-core/src/a.rs:2: reads the clock with SystemTime::now: take `now` as an argument",
                "crates/token-core/src/a.rs:3: uses std::env: leave I/O to a crate above",
                "crates/token-core/src/a.rs:5: uses std::net: leave I/O to a crate above",
            ]
        );
    }

    #[test]
    fn tests_docs_and_other_crates_may() {
        let text = "/// `SystemTime::now` is not read.\nuse std::{fmt, sync::Arc};\nlet environment = 1;\n#[cfg(test)]\nmod tests { fn f() { SystemTime::now(); } }";
        let tree = Tree::of(&[
            ("crates/token-core/src/a.rs", text),
            ("crates/token-core/src/a/tests.rs", "use std::fs;"),
            ("crates/token-store/src/a.rs", "use std::fs;"),
        ]);
        assert_eq!(lines(&check(&tree)), [""; 0]);
    }
}
