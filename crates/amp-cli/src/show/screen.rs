//! What the terminal of a stream can show.

use std::io::IsTerminal as _;

use crate::vars::Vars;

/// The columns of a terminal that does not tell.
const USUAL: usize = 80;

/// A terminal: how wide it is, and what it can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Screen {
    pub(crate) width: usize,
    /// Letters outside ASCII.
    pub(crate) unicode: bool,
    /// Bold and colours.
    pub(crate) styled: bool,
    /// Lines that are written again in their place.
    pub(crate) steerable: bool,
}

impl Screen {
    /// The terminal behind stdout, if there is one.
    pub(crate) fn of_stdout(vars: &Vars) -> Option<Self> {
        let stdout = std::io::stdout();
        let size = || terminal_size::terminal_size_of(&stdout);
        stdout
            .is_terminal()
            .then(|| Self::new(vars, columns(size())))
    }

    /// The terminal behind stderr, if there is one.
    pub(crate) fn of_stderr(vars: &Vars) -> Option<Self> {
        let stderr = std::io::stderr();
        let size = || terminal_size::terminal_size_of(&stderr);
        stderr
            .is_terminal()
            .then(|| Self::new(vars, columns(size())))
    }

    /// A terminal that says it has so many columns; `COLUMNS` knows better.
    fn new(vars: &Vars, columns: Option<usize>) -> Self {
        let told = vars.text("COLUMNS");
        let told = told.and_then(|text| text.trim().parse().ok());
        let width = told.filter(|width| *width > 0).or(columns);
        let steerable = vars.text("TERM").is_none_or(|term| term != "dumb");
        Self {
            width: width.unwrap_or(USUAL),
            unicode: is_unicode(vars),
            styled: steerable && is_styled(vars),
            steerable,
        }
    }

    /// The sign that something was cut off.
    pub(crate) const fn ellipsis(&self) -> &'static str {
        if self.unicode { "…" } else { ".." }
    }

    /// The text as this terminal can show it.
    pub(crate) fn letters(&self, text: &str) -> String {
        match self.unicode {
            true => super::harmless(text),
            false => super::text::ascii(&super::harmless(text)),
        }
    }

    /// The text in bold, where there is bold.
    pub(crate) fn bold(&self, text: &str) -> String {
        self.style("1", text)
    }

    /// The text in this style of ECMA-48 (SGR), where there are styles.
    pub(crate) fn style(&self, code: &str, text: &str) -> String {
        match self.styled && !text.is_empty() {
            true => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
            false => text.to_owned(),
        }
    }
}

fn columns(size: Option<(terminal_size::Width, terminal_size::Height)>) -> Option<usize> {
    let (terminal_size::Width(columns), _) = size?;
    (columns > 0).then(|| columns.into())
}

/// POSIX: the first of the three that is set says which letters there are, and without any of them
/// there is ASCII. Terminals of Windows take Unicode.
fn is_unicode(vars: &Vars) -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .find_map(|name| vars.text(name));
    let is_utf8 = |locale: String| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    };
    cfg!(windows) || locale.is_some_and(is_utf8)
}

/// The conventions of no-color.org and of `CLICOLOR`.
fn is_styled(vars: &Vars) -> bool {
    let is_no = |name| vars.text(name).is_some_and(|text| text.trim() == "0");
    vars.text("NO_COLOR").is_none() && !is_no("CLICOLOR")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn screen(vars: &'static [(&'static str, &'static str)]) -> Screen {
        Screen::new(&Vars::of(vars), Some(100))
    }

    #[test]
    fn the_first_variable_of_the_locale_that_is_set_says_which_letters_there_are() {
        let unicode = |vars| screen(vars).unicode;
        assert!(unicode(&[("LANG", "de_DE.UTF-8")]));
        assert!(unicode(&[("LANG", "C"), ("LC_CTYPE", "C.utf8")]));
        assert!(unicode(&[("LC_ALL", ""), ("LANG", "C.UTF-8")]));
        if cfg!(not(windows)) {
            assert!(!unicode(&[]));
            assert!(!unicode(&[("LC_ALL", "C"), ("LANG", "C.UTF-8")]));
            assert!(!unicode(&[("LANG", "de_DE.ISO-8859-1")]));
        }
    }

    #[test]
    fn colours_can_be_declined_in_each_of_the_usual_ways() {
        assert!(screen(&[]).styled);
        assert!(screen(&[("CLICOLOR", "1"), ("NO_COLOR", "")]).styled);
        for (name, value) in [("NO_COLOR", "1"), ("CLICOLOR", "0"), ("TERM", "dumb")] {
            let vars = Vars::new(move |asked| (asked == name).then(|| value.into()));
            let screen = Screen::new(&vars, None);
            assert!(!screen.styled, "{name}={value}");
            assert_eq!(screen.bold("x"), "x");
        }
        assert_eq!(screen(&[]).bold("x"), "\u{1b}[1mx\u{1b}[0m");
    }

    #[test]
    fn the_width_is_what_the_variable_says_or_the_terminal_or_80() {
        assert_eq!(screen(&[("COLUMNS", "60")]).width, 60);
        for nonsense in [&[][..], &[("COLUMNS", "0")], &[("COLUMNS", "wide")]] {
            assert_eq!(screen(nonsense).width, 100);
        }
        assert_eq!(Screen::new(&Vars::of(&[]), None).width, 80);
    }
}
