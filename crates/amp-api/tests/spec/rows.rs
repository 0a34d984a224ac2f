//! The rows of `operations` against the description.

use amp_api::{Auth, Confidence, operations};
use token_core::Idempotency;

use crate::description::{self, Described};

fn auth(described: &Described) -> Auth {
    match described.security().map(Vec::as_slice) {
        None => Auth::Required,
        Some([]) => Auth::None,
        Some(ways) => {
            assert!(ways.iter().any(|way| way.as_object().unwrap().is_empty()));
            Auth::Optional
        }
    }
}

fn class(described: &Described) -> Idempotency {
    match described.text("x-retry") {
        "safe" => Idempotency::Safe,
        "idempotent" | "idempotent-by-txid" | "safe-on-429-5xx-network" => Idempotency::Idempotent,
        "never-blind" => Idempotency::OnlyIfUnprocessed,
        "never" => Idempotency::Never,
        other => panic!("{} has the class {other}", described.id()),
    }
}

fn confidence(described: &Described) -> Confidence {
    match described.text("x-confidence") {
        "high" => Confidence::High,
        "medium" => Confidence::Medium,
        "low" => Confidence::Low,
        other => panic!("{} has the mark {other}", described.id()),
    }
}

// W-A28: paths, methods and slashes are those of the service.
#[test]
fn every_operation_of_the_description_has_exactly_one_row_and_no_row_is_without_one() {
    let described = description::operations();
    assert_eq!(described.len(), 84);
    let ours: Vec<_> = operations::ALL.iter().map(|row| row.id()).collect();
    let theirs: Vec<_> = described.iter().map(Described::id).collect();
    assert_eq!(ours.len(), theirs.len());
    for described in &described {
        let rows = operations::ALL.iter();
        let rows: Vec<_> = rows.filter(|row| row.id() == described.id()).collect();
        let [row] = rows.as_slice() else {
            panic!("{} has {} rows", described.id(), rows.len());
        };
        assert_eq!(row.path(), described.path, "{}", row.id());
        let method = described.method.to_uppercase();
        assert_eq!(row.method().as_str(), method, "{}", row.id());
        assert_eq!(row.auth(), auth(described), "{}", row.id());
        assert_eq!(row.idempotency(), class(described), "{}", row.id());
        assert_eq!(row.confidence(), confidence(described), "{}", row.id());
    }
}

#[test]
fn the_documentation_of_a_row_says_when_its_description_is_hardly_proven() {
    const REMARK: &str = "Its description is hardly proven.";
    let source = include_str!("../../src/operations.rs");
    let lines: Vec<_> = source.lines().collect();
    for row in operations::ALL {
        let name = format!("= \"{}\"", row.id());
        let at = lines.iter().position(|line| line.contains(&name)).unwrap();
        let said = lines[at - 1].contains(REMARK);
        assert_eq!(said, row.confidence() == Confidence::Low, "{}", lines[at]);
    }
}
