//! What is printed where: results on stdout, everything else on stderr.

use std::fmt::Display;
use std::io::{self, ErrorKind, Write};

use serde::Serialize;

use crate::cli::Globals;
use crate::error::Failure;
use crate::show::{self, Column, Screen, Shown};
use crate::vars::Vars;

/// The two streams, and the form that the caller asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    json: bool,
    quiet: bool,
    screen: Option<Screen>,
    /// The terminal behind stderr.
    aside: Option<Screen>,
}

impl Output {
    pub(crate) fn new(globals: &Globals, vars: &Vars) -> Self {
        Self {
            json: globals.json,
            quiet: globals.quiet,
            screen: Screen::of_stdout(vars),
            aside: Screen::of_stderr(vars),
        }
    }

    /// Whether results are asked for as JSON.
    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// A list of things.
    pub(crate) fn list<T: Shown>(&self, things: &[T]) -> Result<(), Failure> {
        if self.json {
            return self.value(&things);
        }
        let rows: Vec<_> = things.iter().map(show::row).collect();
        self.table(&show::columns::<T>(), &rows)
    }

    /// One thing.
    pub(crate) fn thing<T: Shown>(&self, thing: &T) -> Result<(), Failure> {
        match self.json {
            true => self.value(thing),
            false => self.fields(&show::all(thing)),
        }
    }

    /// Texts, one in each line.
    pub(crate) fn lines(&self, texts: &[String]) -> Result<(), Failure> {
        if self.json {
            return self.value(&texts);
        }
        let lines = texts.iter().map(|text| show::harmless(text) + "\n");
        self.bytes(&[lines.collect::<String>().as_bytes()])
    }

    /// The end of what has no result: people are told, JSON is `null`.
    pub(crate) fn done(&self, done: impl Display) -> Result<(), Failure> {
        self.message(done);
        match self.json {
            true => self.value(&()),
            false => Ok(()),
        }
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

    /// Rows under their titles on a terminal; for a program, rows with tabs and nothing else.
    pub(crate) fn table(&self, columns: &[Column], rows: &[Vec<String>]) -> Result<(), Failure> {
        let text = match &self.screen {
            Some(_) if rows.is_empty() => {
                self.message("There are none.");
                return Ok(());
            }
            Some(screen) => show::aligned(columns, rows, screen),
            None => show::tabbed(rows),
        };
        self.bytes(&[text.as_bytes()])
    }

    /// Names and values: in two columns on a terminal, with tabs for a program.
    pub(crate) fn fields(&self, fields: &[(&str, String)]) -> Result<(), Failure> {
        let row = |(name, value): &(&str, String)| vec![(*name).to_owned(), value.clone()];
        let text = match &self.screen {
            Some(screen) => show::card(fields, screen),
            None => show::tabbed(&fields.iter().map(row).collect::<Vec<_>>()),
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
            // Bold and red, where there is such a thing.
            false => match &self.aside {
                Some(screen) => format!("{} {failure}", screen.style("1;31", "error:")),
                None => format!("error: {failure}"),
            },
        };
        let _ = writeln!(io::stderr(), "{text}");
    }
}
