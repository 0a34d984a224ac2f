//! The rows that a client asks for: a range of heights, an order, and a part of the list.

use std::cmp::Ordering;

use serde_json::Value;

use crate::answer::Answer;
use crate::query::Query;

/// How many rows there are at most when nothing is said (amp-api.yaml, parameter `count`).
const DEFAULT_COUNT: i64 = 100_000;

/// The part of a list that is asked for.
#[derive(Debug)]
pub(crate) struct Page {
    /// One-based; a negative one counts from the end.
    start: i64,
    count: i64,
    column: &'static str,
    is_descending: bool,
    lowest: i64,
    highest: i64,
}

impl Page {
    /// Reads the filters. A column is named by its name, or by its number in this list, which begins with 1.
    pub(crate) fn read(query: &str, columns: &[&'static str]) -> Result<Self, Answer> {
        let mut query = Query::parse(query);
        let page = Self {
            start: query.integer("start").unwrap_or(1),
            count: query.integer("count").unwrap_or(DEFAULT_COUNT),
            column: column(&mut query, columns),
            is_descending: is_descending(&mut query),
            lowest: query.integer("height_start").unwrap_or(i64::MIN),
            highest: query.integer("height_stop").unwrap_or(i64::MAX),
        };
        if page.start == 0 {
            query.refuse("start", "The first row is number 1.");
        }
        if page.count < 0 {
            let message = "Ensure this value is greater than or equal to 0.";
            query.refuse("count", message);
        }
        query.finish()?;
        Ok(page)
    }

    /// Takes the page out of rows that are in the order of the chain; what is equal stays in that order.
    pub(crate) fn of(&self, mut rows: Vec<Value>) -> Vec<Value> {
        rows.retain(|row| {
            let height = row["blockheight"].as_i64().unwrap_or_default();
            (self.lowest..=self.highest).contains(&height)
        });
        rows.sort_by(|one, other| {
            let order = compare(&one[self.column], &other[self.column]);
            match self.is_descending {
                true => order.reverse(),
                false => order,
            }
        });
        let skipped = match self.start {
            start if start > 0 => saturate(start - 1),
            start => rows.len().saturating_sub(saturate(start.saturating_neg())),
        };
        let rows = rows.into_iter().skip(skipped);
        rows.take(saturate(self.count)).collect()
    }
}

fn column(query: &mut Query<'_>, columns: &[&'static str]) -> &'static str {
    let wanted = query.text("sortcolumn").unwrap_or("1");
    let by_number = wanted
        .parse::<usize>()
        .ok()
        .and_then(|number| number.checked_sub(1))
        .and_then(|index| columns.get(index));
    let found = by_number.or_else(|| columns.iter().find(|column| **column == wanted));
    match found.copied() {
        Some(column) => column,
        None => {
            query.refuse("sortcolumn", "There is no such column.");
            ""
        }
    }
}

fn is_descending(query: &mut Query<'_>) -> bool {
    match query.text("sortorder").unwrap_or("asc") {
        "asc" => false,
        "desc" => true,
        _ => {
            query.refuse("sortorder", "This is neither asc nor desc.");
            false
        }
    }
}

fn compare(one: &Value, other: &Value) -> Ordering {
    let numbers = one.as_i64().cmp(&other.as_i64());
    numbers.then_with(|| one.as_str().cmp(&other.as_str()))
}

fn saturate(count: i64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rows() -> Vec<Value> {
        let rows = [(1, "c"), (2, "a"), (3, "b"), (3, "a")];
        let row = |(height, name): (i64, &str)| json!({ "blockheight": height, "name": name });
        rows.map(row).to_vec()
    }

    fn page(query: &str) -> Result<Vec<String>, Answer> {
        let page = Page::read(query, &["blockheight", "name"])?.of(rows());
        let text = |row: &Value| format!("{}{}", row["blockheight"], row["name"].as_str().unwrap());
        Ok(page.iter().map(text).collect())
    }

    #[test]
    fn a_page_is_a_part_of_the_rows_in_the_order_that_is_asked_for() {
        let table: [(&str, &[&str]); 10] = [
            ("", &["1c", "2a", "3b", "3a"]),
            ("start=2&count=2", &["2a", "3b"]),
            ("start=-1", &["3a"]),
            ("start=-9", &["1c", "2a", "3b", "3a"]),
            ("start=9", &[]),
            ("count=0", &[]),
            ("sortcolumn=name", &["2a", "3a", "3b", "1c"]),
            ("sortcolumn=2&sortorder=desc", &["1c", "3b", "2a", "3a"]),
            ("height_start=2&height_stop=2", &["2a"]),
            ("sortorder=desc&count=1", &["3b"]),
        ];
        for (query, expected) in table {
            assert_eq!(page(query).unwrap(), expected, "{query}");
        }
    }

    #[test]
    fn every_filter_that_is_wrong_is_named() {
        let wrong = "start=0&count=-1&sortcolumn=3&sortorder=up&height_start=low&height_stop=";
        let refusal = page(wrong).unwrap_err();
        let errors: Value = serde_json::from_slice(&refusal.body).unwrap();
        let names: Vec<&String> = errors.as_object().unwrap().keys().collect();
        let expected = [
            "count",
            "height_start",
            "height_stop",
            "sortcolumn",
            "sortorder",
            "start",
        ];
        assert_eq!(
            (refusal.status.as_u16(), names),
            (
                400,
                expected
                    .iter()
                    .map(|n| n.to_string())
                    .collect::<Vec<_>>()
                    .iter()
                    .collect()
            )
        );
    }

    #[test]
    fn no_number_is_too_large() {
        let most = i64::MAX;
        let query = format!("start={}&count={most}&height_stop={most}", i64::MIN);
        assert_eq!(page(&query).unwrap().len(), 4);
    }
}
