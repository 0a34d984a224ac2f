//! The rows that a bench ends with. Their names stay as they are: other programs read them.

use std::fmt::Write;

use serde::{Deserialize, Serialize};

/// The subjects of the hot path.
pub(crate) const HOT_PATH: [&str; 4] =
    ["floor", "borrowed", "request_header", "tokio_mutex_string"];

/// What a program measured, as it prints it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Measurement {
    pub(crate) bench: String,
    pub(crate) subject: String,
    pub(crate) value: Option<f64>,
    pub(crate) unit: String,
    /// Why there is no value.
    #[serde(default)]
    pub(crate) skipped: Option<String>,
}

/// A number, and what it is of another number of the same run.
#[derive(Debug, Serialize)]
pub(crate) struct Row {
    bench: String,
    subject: String,
    value: Option<f64>,
    unit: String,
    ratio: Option<f64>,
    /// The subject, or the unit of the same subject, that the ratio is against.
    against: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    skipped: Option<String>,
}

impl Row {
    pub(crate) fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// What a number is set against.
#[derive(Clone, Copy)]
enum Against {
    Subject(&'static str),
    Unit(&'static str),
}

fn reference(bench: &str, subject: &str, unit: &str) -> Against {
    match (bench, unit) {
        ("hot_path", "allocations" | "mops_64_tasks") => Against::Subject("tokio_mutex_string"),
        ("hot_path", "mops_2_threads") => Against::Unit("mops_1_thread"),
        ("hot_path", _) => Against::Subject("floor"),
        ("herd", _) if subject.starts_with("tasks") => Against::Subject("tasks_10000_once_cell"),
        ("herd", _) => Against::Subject("processes_1"),
        ("stack", _) => Against::Subject("hyper_util_json"),
        ("layers", _) => Against::Subject("transport"),
        ("store", _) => Against::Subject(plain(subject)),
        ("cold_start", _) => Against::Subject("bin_true"),
        _ => Against::Subject("tokio_mutex_string"),
    }
}

/// The least that does the same on the same file system.
fn plain(subject: &str) -> &'static str {
    match subject {
        "unchanged_check" | "plain_stat" => "plain_stat",
        "lock" | "plain_lock" => "plain_lock",
        "encrypted_load" | "encrypted_load_async" | "poll_of_load" | "plain_read" => "plain_read",
        _ => "plain_durable_write",
    }
}

/// Sets each number against its reference.
pub(crate) fn compare(measured: &[Measurement]) -> Vec<Row> {
    let find = |bench: &str, subject: &str, unit: &str| {
        let is_it = |row: &&Measurement| {
            (row.bench.as_str(), row.subject.as_str(), row.unit.as_str()) == (bench, subject, unit)
        };
        measured.iter().find(is_it)?.value
    };
    let row = |found: &Measurement| {
        let Measurement {
            bench,
            subject,
            value,
            unit,
            skipped,
        } = found.clone();
        let (against, other) = match reference(&bench, &subject, &unit) {
            Against::Subject(name) => (name, find(&bench, name, &unit)),
            Against::Unit(name) => (name, find(&bench, &subject, name)),
        };
        let ratio = value.zip(other).map(|(value, other)| value / other);
        Row {
            ratio: ratio.filter(|ratio| ratio.is_finite()),
            bench,
            subject,
            value,
            unit,
            against,
            skipped,
        }
    };
    measured.iter().map(row).collect()
}

/// The rows for people.
pub(crate) fn table(rows: &[Row]) -> String {
    let mut text = format!(
        "{:<10} {:<27} {:<18} {:>12} {:>9}  against",
        "bench", "subject", "unit", "value", "ratio"
    );
    for row in rows {
        let (value, ratio) = (number(row.value), number(row.ratio));
        let why = row.skipped.as_ref().map(|why| format!("  skipped: {why}"));
        let Row {
            bench,
            subject,
            unit,
            against,
            ..
        } = row;
        let why = why.unwrap_or_default();
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "\n{bench:<10} {subject:<27} {unit:<18} {value:>12} {ratio:>9}  {against}{why}"
        );
    }
    text
}

/// Three digits that count, or all before the point.
fn number(value: Option<f64>) -> String {
    match value {
        None => "-".to_owned(),
        Some(0.0) => "0".to_owned(),
        Some(value) if value.abs() < 0.01 => format!("{value:.6}"),
        Some(value) if value.abs() < 10.0 => format!("{value:.3}"),
        Some(value) => format!("{value:.1}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(bench: &str, subject: &str, unit: &str, value: Option<f64>) -> Measurement {
        Measurement {
            bench: bench.to_owned(),
            subject: subject.to_owned(),
            value,
            unit: unit.to_owned(),
            skipped: value.is_none().then(|| "no tool".to_owned()),
        }
    }

    fn rows(found: &[(&str, &str, &str, Option<f64>)]) -> Vec<Row> {
        let all = found.iter();
        let all = all.map(|(bench, subject, unit, value)| measured(bench, subject, unit, *value));
        compare(&all.collect::<Vec<_>>())
    }

    #[test]
    fn each_row_is_a_ratio_against_a_number_of_the_same_run() {
        let rows = rows(&[
            ("hot_path", "floor", "ns", Some(10.0)),
            ("hot_path", "borrowed", "ns", Some(12.0)),
            ("hot_path", "borrowed", "mops_1_thread", Some(80.0)),
            ("hot_path", "borrowed", "mops_2_threads", Some(160.0)),
            ("hot_path", "borrowed", "mops_64_tasks", Some(50.0)),
            ("hot_path", "tokio_mutex_string", "mops_64_tasks", Some(5.0)),
        ]);
        let ratios: Vec<_> = rows.iter().map(|row| (row.ratio, row.against)).collect();
        assert_eq!(ratios[1], (Some(1.2), "floor"));
        assert_eq!(ratios[3], (Some(2.0), "mops_1_thread"));
        assert_eq!(ratios[4], (Some(10.0), "tokio_mutex_string"));
    }

    #[test]
    fn what_a_store_does_is_set_against_the_least_that_does_the_same() {
        let rows = rows(&[
            ("store", "encrypted_load", "us_p50", Some(6.0)),
            ("store", "plain_read", "us_p50", Some(2.0)),
            ("store", "encrypted_durable_save", "us_p50", Some(505.0)),
            ("store", "plain_durable_write", "us_p50", Some(500.0)),
        ]);
        let ratios: Vec<_> = rows.iter().map(|row| (row.ratio, row.against)).collect();
        assert_eq!(ratios[0], (Some(3.0), "plain_read"));
        assert_eq!(ratios[2], (Some(1.01), "plain_durable_write"));
    }

    #[test]
    fn a_row_in_json_has_the_six_keys_and_says_why_it_was_skipped() {
        let rows = rows(&[
            ("window", "ours", "pending_polls", Some(0.0)),
            ("window", "tokio_mutex_string", "pending_polls", Some(64.0)),
            ("hot_path", "borrowed", "instructions", None),
        ]);
        assert_eq!(
            rows[0].json(),
            r#"{"bench":"window","subject":"ours","value":0.0,"unit":"pending_polls","ratio":0.0,"against":"tokio_mutex_string"}"#
        );
        assert_eq!(
            rows[2].json(),
            r#"{"bench":"hot_path","subject":"borrowed","value":null,"unit":"instructions","ratio":null,"against":"floor","skipped":"no tool"}"#
        );
        let table = table(&rows);
        assert!(table.contains("skipped: no tool"), "{table}");
    }
}
