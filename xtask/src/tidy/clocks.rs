//! A test on a paused clock opens no real socket.
//!
//! Tokio's paused clock goes on to the next timer whenever nothing can run, also while an answer is on its way through the
//! kernel; such a test fails on a busy machine alone.

use std::collections::BTreeSet;

use crate::tidy::{
    problem::Problem,
    tree::{Source, Tree},
};

const ADVICE: &str = "run it in memory, or move it to a file whose tests have a running clock";

/// What opens a socket, or starts something that does.
const OPENING: [&str; 7] = [
    "TcpListener::",
    "TcpStream::",
    "UdpSocket::",
    "UnixListener::",
    "UnixStream::",
    "MockServer::",
    ".start().await",
];

/// A file with a test on a paused clock must not open a socket in its tests, nor name a module beside it that does.
pub(crate) fn check(tree: &Tree) -> Vec<Problem> {
    let files: Vec<_> = tree.sources(&["crates/", "tests/", "xtask/"]).collect();
    let opening: BTreeSet<_> = files
        .iter()
        .filter(|(_, source)| source.test_lines().any(|(_, line)| opens(&line.code)))
        .filter_map(|(path, _)| path.strip_suffix(".rs"))
        .collect();
    let paused = files.iter().filter(|(_, source)| is_paused(source));
    paused
        .flat_map(|(path, source)| sockets_in(path, source, &opening))
        .collect()
}

fn is_paused(source: &Source) -> bool {
    source
        .test_lines()
        .any(|(_, line)| line.code.contains("start_paused"))
}

fn opens(code: &str) -> bool {
    OPENING.iter().any(|word| code.contains(word))
}

fn sockets_in(path: &str, source: &Source, opening: &BTreeSet<&str>) -> Vec<Problem> {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let beside = opening
        .iter()
        .filter_map(|path| path.strip_prefix(folder)?.strip_prefix('/'));
    let beside: Vec<_> = beside.filter(|name| !name.contains('/')).collect();
    let names_one = |code: &str| beside.iter().any(|name| names(code, name));
    let lines = source.test_lines();
    let found = lines.filter(|(_, line)| opens(&line.code) || names_one(&line.code));
    found
        .map(|(number, _)| {
            let what = "a real socket beside tests on a paused clock";
            Problem::new(path, number, what.to_owned(), ADVICE)
        })
        .collect()
}

/// Whether this code takes something from the module of this name.
fn names(code: &str, module: &str) -> bool {
    let (start, inside) = (format!("{module}::"), |next: char| {
        next.is_alphanumeric() || next == '_'
    });
    code.match_indices(&start)
        .any(|(at, _)| !code[..at].ends_with(inside))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::problem::lines;

    const PAUSED: &str = "#[tokio::test(start_paused = true)]\nasync fn waits() {\n";

    #[test]
    fn a_socket_beside_a_paused_clock_is_found_in_the_file_or_in_a_module_that_it_names() {
        let binds = "pub fn server() { TcpListener::bind(A); }";
        let own = format!("{PAUSED}    TcpStream::connect(A).await;\n}}\n");
        let borrowed = format!("use super::server::serve;\n{PAUSED}    serve().await;\n}}\n");
        let tree = Tree::of(&[
            ("crates/a/tests/own.rs", &own),
            ("crates/a/tests/b/server.rs", binds),
            ("crates/a/tests/b/calls.rs", &borrowed),
        ]);
        let found = lines(&check(&tree));
        let problem =
            |place| format!("{place}: a real socket beside tests on a paused clock: {ADVICE}");
        let places = ["crates/a/tests/b/calls.rs:1", "crates/a/tests/own.rs:3"];
        assert_eq!(found, places.map(problem));
    }

    #[test]
    fn sockets_with_a_running_clock_and_paused_tests_in_memory_are_fine() {
        let running = "#[tokio::test]\nasync fn f() { TcpListener::bind(A).await; }";
        let memory = format!("use super::fake_server::serve;\n{PAUSED} // TcpListener::bind\n}}");
        let product = format!(
            "fn dial() {{ TcpStream::connect(A); }}\n#[cfg(test)]\nmod tests {{\n{PAUSED}}}\n}}"
        );
        let tree = Tree::of(&[
            ("crates/a/tests/server.rs", running),
            ("crates/a/tests/memory.rs", &memory),
            ("crates/a/src/dial.rs", &product),
        ]);
        assert_eq!(lines(&check(&tree)), Vec::<String>::new());
    }
}
