//! The rows of the behaviour list, and how a comment or a table names them.

/// The families of rows with the number of rows in each.
const FAMILIES: &[(&str, u32)] = &[
    ("A-", 78),
    ("C-", 67),
    ("W-A", 39),
    ("W-C", 23),
    ("W-S", 11),
];

/// Decisions between contradicting sources: they may be cited, but have no row of their own.
const DECISIONS: (&str, u32) = ("X-", 45);

/// Every row, in the order of the list.
pub(crate) fn all() -> impl Iterator<Item = String> {
    FAMILIES
        .iter()
        .flat_map(|(family, count)| (1..=*count).map(move |number| id(family, number)))
}

pub(crate) fn is_known(row: &str) -> bool {
    all().any(|known| known == row)
}

/// Whether `row` names a decision that exists.
pub(crate) fn is_decision(row: &str) -> bool {
    let (family, count) = DECISIONS;
    (1..=count).any(|number| id(family, number) == row)
}

/// Whether `text` begins like the name of a row, well formed or not.
pub(crate) fn looks_like_one(text: &str) -> bool {
    let families = FAMILIES
        .iter()
        .map(|(family, _)| *family)
        .chain([DECISIONS.0]);
    let number = |family: &str| text.strip_prefix(family)?.chars().next();
    families
        .filter_map(number)
        .any(|next| next.is_ascii_digit())
}

/// The rows that `A-03..A-05, W-A11: why` names; `None` when the text is no such list.
pub(crate) fn parse_list(text: &str) -> Option<Vec<String>> {
    let list = text.split_once(':').map_or(text, |(list, _)| list);
    let parts = list.split(',').map(|part| parse_part(part.trim()));
    parts
        .collect::<Option<Vec<_>>>()
        .map(|parts| parts.concat())
}

fn parse_part(part: &str) -> Option<Vec<String>> {
    let Some((first, last)) = part.split_once("..") else {
        return split(part).map(|_| vec![part.to_owned()]);
    };
    let (first, last) = (split(first)?, split(last)?);
    let ordered = first.0 == last.0 && first.1 < last.1 && last.1 < 100;
    ordered.then(|| {
        (first.1..=last.1)
            .map(|number| id(first.0, number))
            .collect()
    })
}

/// The family and the number: `A-07` is 7 of `A-`, `W-A07` is 7 of `W-A`.
fn split(row: &str) -> Option<(&str, u32)> {
    let (family, number) = row.split_at_checked(row.len().checked_sub(2)?)?;
    let digits = number.bytes().all(|byte| byte.is_ascii_digit());
    let known = family == DECISIONS.0 || FAMILIES.iter().any(|(name, _)| *name == family);
    let number = number.parse().ok()?;
    (known && digits).then_some((family, number))
}

fn id(family: &str, number: u32) -> String {
    format!("{family}{number:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_145_behaviours_and_73_weaknesses() {
        let (weak, seeds): (Vec<_>, Vec<_>) = all().partition(|row| row.starts_with('W'));
        assert_eq!((seeds.len(), weak.len()), (145, 73));
        assert!(is_known("A-01") && is_known("C-67") && is_known("W-S11"));
        assert!(!is_known("A-79") && !is_known("W-S12") && !is_known("X-01"));
        assert!(is_decision("X-45") && !is_decision("X-46"));
    }

    #[test]
    fn lists_ranges_and_reasons_are_read() {
        let rows = |text| parse_list(text).unwrap().join(" ");
        assert_eq!(rows("A-23, W-A11"), "A-23 W-A11");
        assert_eq!(
            rows("A-03..A-05, X-01: the presets, all of them"),
            "A-03 A-04 A-05 X-01"
        );
        assert_eq!(rows("W-C02..W-C03"), "W-C02 W-C03");
    }

    #[test]
    fn other_text_is_no_list() {
        for text in [
            "A-23 and more",
            "A-2",
            "B-01",
            "A-05..A-03",
            "A-01..C-03",
            "A-23;",
            "",
            "Why: A-23",
            "é-01",
        ] {
            assert_eq!(parse_list(text), None, "{text}");
        }
        assert!(looks_like_one("A-23 and more") && looks_like_one("W-A1"));
        assert!(!looks_like_one("A-test") && !looks_like_one("All of it"));
    }
}
