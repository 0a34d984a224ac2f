//! Lines of a Markdown table.

/// The trimmed cells of a table line such as `| a | b |`; `None` for any other line. An escaped `\|` is text.
pub(crate) fn cells(line: &str) -> Option<Vec<&str>> {
    let inner = line.trim().strip_prefix('|')?.strip_suffix('|')?;
    let mut cells = Vec::new();
    let mut start = 0;
    for (position, _) in inner.match_indices('|') {
        if !inner[..position].ends_with('\\') {
            cells.push(inner[start..position].trim());
            start = position + 1;
        }
    }
    cells.push(inner[start..].trim());
    Some(cells)
}

/// A table line of the given cells.
pub(crate) fn line(cells: &[&str]) -> String {
    format!("| {} |", cells.join(" | "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_escaped_bar_does_not_end_a_cell() {
        let text = r"| `a\|b` | c |  |";
        assert_eq!(cells(text), Some(vec![r"`a\|b`", "c", ""]));
        assert_eq!(line(&cells("| a | b |").unwrap()), "| a | b |");
        assert_eq!(cells("no table"), None);
        assert_eq!(cells("|"), None);
    }
}
