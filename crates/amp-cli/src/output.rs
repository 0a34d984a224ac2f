//! What is printed where: results on stdout, everything else on stderr.

use std::fmt::Display;
use std::io::{self, ErrorKind, IsTerminal as _, Write};

use serde::Serialize;

use crate::cli::Globals;
use crate::error::Failure;

/// The two streams, and the form that the caller asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    json: bool,
    quiet: bool,
    terminal: bool,
}

impl Output {
    pub(crate) fn new(globals: &Globals) -> Self {
        Self {
            json: globals.json,
            quiet: globals.quiet,
            terminal: io::stdout().is_terminal(),
        }
    }

    /// Whether results are asked for as JSON.
    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// A result as JSON.
    pub(crate) fn value(&self, value: &impl Serialize) -> Result<(), Failure> {
        let text = serde_json::to_string_pretty(value)
            .map_err(|error| Failure::unexpected(format!("the result is not JSON: {error}")))?;
        self.line(&text)
    }

    /// A line of the result.
    pub(crate) fn line(&self, text: &str) -> Result<(), Failure> {
        self.bytes(&[text.as_bytes(), b"\n"])
    }

    /// A result as it is.
    pub(crate) fn bytes(&self, parts: &[&[u8]]) -> Result<(), Failure> {
        let mut stdout = io::stdout().lock();
        let written = parts.iter().try_for_each(|part| stdout.write_all(part));
        match written.and_then(|()| stdout.flush()) {
            // Whoever reads has what they wanted.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            written => {
                written.map_err(|error| Failure::unexpected(format!("writing failed: {error}")))
            }
        }
    }

    /// Rows under a header on a terminal; for a program, rows with tabs and nothing else.
    pub(crate) fn table(&self, header: &[&str], rows: &[Vec<String>]) -> Result<(), Failure> {
        let text = if self.terminal {
            aligned(header, rows)
        } else {
            tabbed(rows)
        };
        self.bytes(&[text.as_bytes()])
    }

    /// A message for people; silent with `--json` and `--quiet`.
    pub(crate) fn message(&self, message: impl Display) {
        if !self.json && !self.quiet {
            // A stderr that is closed leaves nothing to be done.
            let _ = writeln!(io::stderr(), "{message}");
        }
    }

    /// Why the command failed.
    pub(crate) fn failure(&self, failure: &Failure) {
        let text = match self.json {
            true => serde_json::to_string(&failure.to_json())
                .unwrap_or_else(|_| r#"{"error":{"kind":"unexpected"}}"#.to_owned()),
            false => format!("error: {failure}"),
        };
        let _ = writeln!(io::stderr(), "{text}");
    }
}

fn tabbed(rows: &[Vec<String>]) -> String {
    let lines = rows.iter().map(|row| {
        let cells: Vec<_> = row.iter().map(|cell| harmless(cell)).collect();
        cells.join("\t") + "\n"
    });
    lines.collect()
}

/// Columns as wide as their widest cell, two blanks apart.
fn aligned(header: &[&str], rows: &[Vec<String>]) -> String {
    let header = header.iter().map(|cell| (*cell).to_owned()).collect();
    let body = rows
        .iter()
        .map(|row| row.iter().map(|cell| harmless(cell)).collect());
    let lines: Vec<Vec<String>> = std::iter::once(header).chain(body).collect();
    let columns = lines.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = lines.iter().filter_map(|line| line.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<_> = (0..columns).map(width).collect();
    let text = lines.iter().map(|line| {
        let padded = line.iter().zip(&widths);
        let padded: String = padded
            .map(|(cell, width)| format!("{cell:<width$}  "))
            .collect();
        padded.trim_end().to_owned() + "\n"
    });
    text.collect()
}

/// Text of the service must not steer a terminal or break a row.
fn harmless(cell: &str) -> String {
    cell.replace(char::is_control, " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<Vec<String>> {
        vec![
            vec!["Gold".into(), "GLD".into()],
            vec!["Silver coin".into(), "S\u{1b}[2J\t".into()],
        ]
    }

    #[test]
    fn a_table_is_aligned_under_its_header() {
        let text = aligned(&["NAME", "TICKER"], &rows());
        assert_eq!(
            text,
            "NAME         TICKER\nGold         GLD\nSilver coin  S [2J\n"
        );
    }

    #[test]
    fn rows_for_programs_have_tabs_no_header_and_no_control_characters() {
        assert_eq!(tabbed(&rows()), "Gold\tGLD\nSilver coin\tS [2J \n");
    }
}
