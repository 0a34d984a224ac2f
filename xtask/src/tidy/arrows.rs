//! The direction of dependencies: which crate may see which.

use crate::{
    tidy::{problem::Problem, tree::Tree},
    workspace::{Dependency, Package},
};

/// What one crate may depend on.
struct Arrow {
    name: &'static str,
    normal: &'static [&'static str],
    /// What its tests may see besides.
    dev: &'static [&'static str],
}

/// Every crate, lowest first. A new crate gets a line here, in DESIGN's words: an arrow points down.
const ARROWS: &[Arrow] = &[
    Arrow {
        name: "token-core",
        normal: &[],
        dev: &[],
    },
    Arrow {
        name: "token-store",
        normal: &["token-core"],
        dev: &[],
    },
    Arrow {
        name: "retry",
        normal: &["token-core"],
        dev: &[],
    },
    Arrow {
        name: "transport",
        normal: &["token-core"],
        dev: &[],
    },
    Arrow {
        name: "amp-api",
        normal: &["token-core"],
        dev: &[],
    },
    // The sandbox keeps its own wire types, so that a mistake in ours is not made twice.
    Arrow {
        name: "amp-sandbox",
        normal: &["token-core"],
        dev: &[],
    },
    Arrow {
        name: "token-manager",
        normal: &["token-core", "token-store"],
        dev: &["amp-sandbox"],
    },
    Arrow {
        name: "amp-client",
        normal: &[
            "token-core",
            "token-store",
            "retry",
            "transport",
            "amp-api",
            "token-manager",
        ],
        dev: &["amp-sandbox"],
    },
    Arrow {
        name: "cidx-client",
        normal: &[
            "token-core",
            "token-store",
            "retry",
            "transport",
            "token-manager",
        ],
        dev: &["amp-sandbox"],
    },
    Arrow {
        name: "amp-cli",
        normal: &[
            "token-core",
            "token-store",
            "retry",
            "transport",
            "amp-api",
            "token-manager",
            "amp-client",
            "cidx-client",
            "amp-sandbox",
        ],
        dev: &[],
    },
    Arrow {
        name: "integration-tests",
        normal: &[
            "token-core",
            "token-store",
            "retry",
            "transport",
            "amp-api",
            "token-manager",
            "amp-client",
            "cidx-client",
            "amp-sandbox",
        ],
        dev: &["amp-cli"],
    },
    Arrow {
        name: "benches",
        normal: &[
            "token-core",
            "token-store",
            "retry",
            "transport",
            "amp-api",
            "token-manager",
            "amp-client",
            "amp-sandbox",
        ],
        dev: &[],
    },
    Arrow {
        name: "xtask",
        normal: &[],
        dev: &[],
    },
];

/// Crates that token-core must not have anywhere below it: runtimes, HTTP, buffers, file systems.
const NOT_IN_CORE: &[&str] = &[
    "tokio",
    "hyper",
    "http",
    "http-body",
    "bytes",
    "tower",
    "futures-util",
    "reqwest",
    "rustix",
    "libc",
    "nix",
    "tempfile",
    "fs4",
    "fd-lock",
    "fs-err",
    "walkdir",
    "dirs",
    "home",
    "getrandom",
];

/// Whether `name` is a crate of the workspace, there or planned.
pub(crate) fn is_crate(name: &str) -> bool {
    ARROWS.iter().any(|arrow| arrow.name == name)
}

/// Whether a test (`path/file.rs::name`) can prove what crate `name` does: it is in that crate or in one that sees it.
pub(crate) fn proves(test: &str, name: &str) -> bool {
    let mut folders = test.split('/');
    let home = match folders.next() {
        Some("crates") => folders.next().unwrap_or_default(),
        Some("tests") => "integration-tests",
        folder => folder.unwrap_or_default(),
    };
    let sees = |arrow: &Arrow| arrow.name == home && arrow.normal.contains(&name);
    home == name || ARROWS.iter().any(sees)
}

/// Compares the manifests with the table.
pub(crate) fn check(packages: &[Package], tree: &Tree) -> Vec<Problem> {
    packages
        .iter()
        .flat_map(|package| check_package(package, tree))
        .collect()
}

fn check_package(package: &Package, tree: &Tree) -> Vec<Problem> {
    let manifest = manifest(&package.name);
    let Some(arrow) = ARROWS.iter().find(|arrow| arrow.name == package.name) else {
        let what = format!("{} is in no arrow", package.name);
        return vec![Problem::new(
            manifest,
            1,
            what,
            "add it to the table in xtask/src/tidy/arrows.rs",
        )];
    };
    let internal = package
        .dependencies
        .iter()
        .filter(|dependency| dependency.path.is_some());
    let wrong = internal.filter(|dependency| !arrow.allows(dependency));
    let problem = |dependency: &Dependency| {
        let kind = dependency
            .kind
            .as_deref()
            .map_or(String::new(), |kind| format!("{kind}-"));
        let what = format!(
            "{} must not {kind}depend on {}",
            package.name, dependency.name
        );
        let line = line_of(tree.text(&manifest), dependency);
        Problem::new(
            &manifest,
            line,
            what,
            "move the code to the lowest crate that can own it",
        )
    };
    wrong.map(problem).collect()
}

impl Arrow {
    fn allows(&self, dependency: &Dependency) -> bool {
        let name = dependency.name.as_str();
        let is_dev = dependency.kind.as_deref() == Some("dev");
        // A crate may be its own dev-dependency, to switch on its fakes.
        self.normal.contains(&name) || (is_dev && (self.dev.contains(&name) || name == self.name))
    }
}

fn manifest(name: &str) -> String {
    match name {
        "integration-tests" => "tests/Cargo.toml".to_owned(),
        "benches" | "xtask" => format!("{name}/Cargo.toml"),
        _ => format!("crates/{name}/Cargo.toml"),
    }
}

/// The line of `dependency` in its table of the manifest, or 1.
fn line_of(manifest: Option<&String>, dependency: &Dependency) -> usize {
    let section = match dependency.kind.as_deref() {
        Some(kind) => format!("[{kind}-dependencies]"),
        None => "[dependencies]".to_owned(),
    };
    let names_it = |line: &str| {
        line.strip_prefix(dependency.name.as_str())
            .is_some_and(|rest| rest.starts_with(['.', ' ', '=']))
    };
    let lines = manifest.into_iter().flat_map(|text| text.lines()).zip(1..);
    let mut table = lines.skip_while(|(line, _)| *line != section);
    table
        .find(|(line, _)| names_it(line))
        .map_or(1, |(_, number)| number)
}

/// Checks the names in token-core's normal dependency tree.
pub(crate) fn check_core_tree(names: &[String]) -> Vec<Problem> {
    let forbidden = NOT_IN_CORE
        .iter()
        .filter(|name| names.iter().any(|found| found == *name));
    let problem = |name: &&str| {
        let what = format!("token-core has {name} in its normal tree");
        let advice = "see `cargo tree -p token-core -e normal` and keep I/O and HTTP out of it";
        Problem::new("crates/token-core/Cargo.toml", 1, what, advice)
    };
    forbidden.map(problem).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::problem::lines;

    fn package(name: &str, dependencies: &[(&str, Option<&str>)]) -> Package {
        let dependency = |(name, kind): &(&str, Option<&str>)| Dependency {
            name: (*name).to_owned(),
            kind: kind.map(str::to_owned),
            path: Some("…".to_owned()),
        };
        Package {
            name: name.to_owned(),
            dependencies: dependencies.iter().map(dependency).collect(),
        }
    }

    fn problems(name: &str, dependencies: &[(&str, Option<&str>)]) -> Vec<String> {
        let manifest = "[dependencies]\nbytes.workspace = true\ntoken-store.workspace = true\n\n[dev-dependencies]\namp-sandbox.workspace = true";
        let tree = Tree::of(&[(&format!("crates/{name}/Cargo.toml"), manifest)]);
        lines(&check(&[package(name, dependencies)], &tree))
    }

    #[test]
    fn arrows_that_point_down_are_fine() {
        assert_eq!(
            problems(
                "token-manager",
                &[("token-store", None), ("amp-sandbox", Some("dev"))]
            ),
            [""; 0]
        );
        assert_eq!(
            problems("token-core", &[("token-core", Some("dev"))]),
            [""; 0]
        );
        assert_eq!(problems("amp-cli", &[("amp-sandbox", None)]), [""; 0]);
    }

    #[test]
    fn siblings_are_blind_to_each_other() {
        assert_eq!(
            problems("retry", &[("token-core", None), ("token-store", None)]),
            [
                "crates/retry/Cargo.toml:3: retry must not depend on token-store: move the code to the lowest crate that can own it"
            ]
        );
    }

    #[test]
    fn the_sandbox_is_a_dev_dependency_or_the_command_s() {
        assert_eq!(
            problems("amp-client", &[("amp-sandbox", Some("dev"))]),
            [""; 0]
        );
        let found = problems("amp-client", &[("amp-sandbox", None)]);
        assert!(
            found[0].contains("amp-client must not depend on amp-sandbox"),
            "{found:?}"
        );
        let found = problems("retry", &[("amp-sandbox", Some("dev"))]);
        assert!(
            found[0].starts_with("crates/retry/Cargo.toml:6: retry must not dev-depend on"),
            "{found:?}"
        );
    }

    #[test]
    fn a_test_proves_its_own_crate_and_those_it_sees() {
        assert!(proves("crates/retry/src/a.rs::t", "retry"));
        assert!(proves("crates/retry/src/a.rs::t", "token-core"));
        assert!(proves("tests/tests/e2e.rs::t", "amp-client"));
        assert!(!proves("crates/retry/src/a.rs::t", "token-store"));
        assert!(!proves("crates/token-core/src/a.rs::t", "retry"));
    }

    #[test]
    fn a_crate_without_a_line_in_the_table_is_found() {
        let found = problems("new-crate", &[]);
        assert!(found[0].contains("new-crate is in no arrow"), "{found:?}");
    }

    #[test]
    fn a_runtime_below_token_core_is_found() {
        let names = ["serde", "tokio", "httpdate"].map(str::to_owned);
        let found = lines(&check_core_tree(&names));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(
            found[0].contains("token-core has tokio in its normal tree"),
            "{found:?}"
        );
    }
}
