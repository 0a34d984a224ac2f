//! Lines of a Markdown table.

/// The trimmed cells of a table line such as `| a | b |`; `None` for any other line.
pub(crate) fn cells(line: &str) -> Option<Vec<&str>> {
    let inner = line.trim().strip_prefix('|')?.strip_suffix('|')?;
    Some(inner.split('|').map(str::trim).collect())
}

/// A table line of the given cells.
pub(crate) fn line(cells: &[&str]) -> String {
    format!("| {} |", cells.join(" | "))
}
