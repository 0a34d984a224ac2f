//! token-core and amp-api decide and describe; they do not read clocks, files, the environment or the network.

use crate::tidy::{
    problem::Problem,
    tree::{Source, Tree},
};

/// The pure crates with the modules of `std` they must not name: those that reach outside the process.
const PURE: &[(&str, &[&str])] = &[
    (
        "crates/token-core/src/",
        &["env", "fs", "net", "process", "thread"],
    ),
    // An address is a value that a base URL needs.
    ("crates/amp-api/src/", &["env", "fs", "process", "thread"]),
];

const SOCKETS: &[&str] = &["TcpStream", "TcpListener", "UdpSocket", "ToSocketAddrs"];

const CLOCKS: &[&str] = &["SystemTime::now", "Instant::now", "now_utc", "now_local"];

pub(crate) fn check(tree: &Tree) -> Vec<Problem> {
    PURE.iter()
        .flat_map(|(folder, modules)| check_crate(tree, folder, modules))
        .collect()
}

fn check_crate(tree: &Tree, folder: &str, forbidden: &[&str]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (path, source) in tree.sources(&[folder]) {
        let mut problem = |number, what: String, advice: &str| {
            problems.push(Problem::new(path, number, what, advice));
        };
        for (number, line) in source.product_lines() {
            for clock in CLOCKS.iter().filter(|clock| line.code.contains(*clock)) {
                problem(
                    number,
                    format!("reads the clock with {clock}"),
                    "take `now` as an argument",
                );
            }
            for socket in SOCKETS.iter().filter(|socket| line.code.contains(*socket)) {
                problem(
                    number,
                    format!("uses {socket}"),
                    "leave I/O to a crate above",
                );
            }
        }
        for (number, module) in std_modules(source) {
            if forbidden.contains(&module) {
                problem(
                    number,
                    format!("uses std::{module}"),
                    "leave I/O to a crate above",
                );
            }
        }
    }
    problems.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
    problems
}

/// The modules of `std` the product code names, in paths and in groups of imports, with their lines.
fn std_modules(source: &Source) -> Vec<(usize, &str)> {
    let mut modules = Vec::new();
    let mut expecting = false; // the next name is a module of std
    let mut depth = 0_usize; // of braces, counted from the one after `std::`
    let mut before = ["", ""];
    for (number, line) in source.product_lines() {
        for token in tokens(&line.code) {
            let after_std = before == ["std", "::"];
            match token {
                "{" if after_std || depth > 0 => {
                    depth += 1;
                    expecting = depth == 1;
                }
                "}" => depth = depth.saturating_sub(1),
                "," => expecting = depth == 1,
                name if after_std || expecting => {
                    modules.push((number, name));
                    expecting = false;
                }
                _ => {}
            }
            before = [before[1], token];
        }
    }
    modules
}

/// Names, `::` and single signs, without blanks.
fn tokens(code: &str) -> impl Iterator<Item = &str> {
    let mut rest = code;
    std::iter::from_fn(move || {
        rest = rest.trim_start();
        let name = rest.find(|next: char| !next.is_alphanumeric() && next != '_');
        let length = match name {
            Some(0) if rest.starts_with("::") => 2,
            Some(0) => rest.chars().next().map_or(0, char::len_utf8),
            Some(end) => end,
            None => rest.len(),
        };
        let (token, after) = rest.split_at(length);
        rest = after;
        (!token.is_empty()).then_some(token)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::problem::lines;

    #[test]
    fn clocks_and_io_are_found() {
        let text = "use std::{collections::BTreeMap, fs};\nlet a = SystemTime::now();\nlet b = std::env::var_os(\"A\");\nuse std::{\n    net::{IpAddr, process},\n    time::{self, Duration},\n};\nuse std::{fmt, sync};\nlet process = Inner { fs, env };";
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
    fn amp_api_may_know_addresses_but_no_sockets() {
        let text = "use std::net::IpAddr;\nuse std::net::TcpStream;";
        let found = lines(&check(&Tree::of(&[("crates/amp-api/src/a.rs", text)])));
        assert_eq!(
            found,
            ["crates/amp-api/src/a.rs:2: uses TcpStream: leave I/O to a crate above"]
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
