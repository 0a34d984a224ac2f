//! Rust source as lines of code, comments and string literals: enough to look for words without being fooled by text.

/// One line of a source file.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Line {
    /// The code, with comments removed and string literals emptied.
    pub(crate) code: String,
    /// The comment that starts on this line, with its slashes.
    pub(crate) comment: Option<String>,
    /// The contents of the string literals that start on this line, as written.
    pub(crate) strings: Vec<String>,
    /// Whether the line belongs to an item under `#[cfg(test)]`.
    pub(crate) in_test: bool,
}

/// Cuts `text` into lines. Text that is not Rust gives some result, never a panic.
pub(crate) fn lex(text: &str) -> Vec<Line> {
    let mut lexer = Lexer {
        rest: text,
        previous: ' ',
        lines: vec![Line::default()],
    };
    lexer.run();
    let mut lines = lexer.lines;
    mark_tests(&mut lines);
    lines
}

struct Lexer<'a> {
    rest: &'a str,
    previous: char,
    lines: Vec<Line>,
}

impl<'a> Lexer<'a> {
    fn run(&mut self) {
        while let Some(next) = self.rest.chars().next() {
            if self.rest.starts_with("//") {
                self.line_comment();
            } else if self.rest.starts_with("/*") {
                self.block_comment();
            } else if let Some(hashes) = self.raw_string_start() {
                self.raw_string(hashes);
            } else if next == '"' {
                self.string();
            } else if next == '\'' {
                self.quote();
            } else {
                self.code(next);
            }
        }
    }

    fn code(&mut self, next: char) {
        self.take(next.len_utf8());
        self.previous = next;
        match next {
            '\n' => self.lines.push(Line::default()),
            _ => self.line().code.push(next),
        }
    }

    fn line_comment(&mut self) {
        let end = self.rest.find('\n').unwrap_or(self.rest.len());
        let comment = self.take(end).trim_end().to_owned();
        self.line().comment.get_or_insert(comment);
    }

    fn block_comment(&mut self) {
        let mut depth = 0;
        while !self.rest.is_empty() {
            if self.rest.starts_with("/*") {
                depth += 1;
                self.take(2);
            } else if self.rest.starts_with("*/") {
                depth -= 1;
                self.take(2);
            } else {
                self.skip_one();
            }
            if depth == 0 {
                return;
            }
        }
    }

    /// The number of hashes, when a raw string starts here.
    fn raw_string_start(&self) -> Option<usize> {
        let rest = self
            .rest
            .strip_prefix("br")
            .or(self.rest.strip_prefix('r'))?;
        let inside_a_name = self.previous.is_alphanumeric() || self.previous == '_';
        let hashes = rest.len() - rest.trim_start_matches('#').len();
        let quoted = rest.get(hashes..)?.starts_with('"');
        (quoted && !inside_a_name).then_some(hashes)
    }

    fn raw_string(&mut self, hashes: usize) {
        let opening = self.rest.find('"').unwrap_or(0) + 1;
        self.take(opening);
        let closing = format!("\"{}", "#".repeat(hashes));
        let end = self.rest.find(&closing).unwrap_or(self.rest.len());
        self.keep_string(end);
        self.take(closing.len());
    }

    fn string(&mut self) {
        self.take(1);
        let mut escaped = false;
        let end = self.rest.find(|next| {
            let closes = next == '"' && !escaped;
            escaped = next == '\\' && !escaped;
            closes
        });
        self.keep_string(end.unwrap_or(self.rest.len()));
        self.take(1);
    }

    fn keep_string(&mut self, end: usize) {
        let content = self.take(end).to_owned();
        let newlines = content.matches('\n').count();
        self.line().code.push_str("\"\"");
        self.line().strings.push(content);
        self.lines.extend(vec![Line::default(); newlines]);
        self.previous = '"';
    }

    /// A character literal is dropped; the quote of a lifetime is code.
    fn quote(&mut self) {
        let mut following = self.rest.chars().skip(1);
        let literal = match (following.next(), following.next()) {
            (Some('\\'), _) => self
                .rest
                .get(3..)
                .and_then(|rest| rest.find('\''))
                .map(|end| end + 4),
            (Some(content), Some('\'')) => Some(content.len_utf8() + 2),
            _ => None,
        };
        match literal {
            Some(length) => _ = self.take(length),
            None => self.code('\''),
        }
    }

    fn skip_one(&mut self) {
        let Some(next) = self.rest.chars().next() else {
            return;
        };
        self.take(next.len_utf8());
        if next == '\n' {
            self.lines.push(Line::default());
        }
    }

    fn take(&mut self, length: usize) -> &'a str {
        let length = length.min(self.rest.len());
        let (taken, rest) = self
            .rest
            .split_at_checked(length)
            .unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    fn line(&mut self) -> &mut Line {
        if self.lines.is_empty() {
            self.lines.push(Line::default());
        }
        let last = self.lines.len() - 1;
        &mut self.lines[last]
    }
}

/// Marks the lines of every item under `#[cfg(test)]`, `#[cfg(all(test, …))]` and the like.
fn mark_tests(lines: &mut [Line]) {
    let whole_file = lines
        .iter()
        .any(|line| line.code.trim_start().starts_with("#![cfg(test)]"));
    let mut depth = 0_usize;
    let mut armed = false;
    let mut inside: Option<usize> = None;
    for line in lines {
        armed = armed || (inside.is_none() && is_cfg_test(&line.code));
        line.in_test = whole_file || armed || inside.is_some();
        for next in line.code.chars() {
            match next {
                '{' => {
                    if armed {
                        (armed, inside) = (false, Some(depth));
                    }
                    depth += 1;
                }
                '}' => {
                    depth = depth.saturating_sub(1);
                    inside = inside.filter(|start| *start != depth);
                }
                ';' => armed = false,
                _ => {}
            }
        }
    }
}

/// `any(test, …)` also holds outside tests, and `not(test)` only there.
fn is_cfg_test(code: &str) -> bool {
    let Some((_, condition)) = code.split_once("#[cfg(") else {
        return false;
    };
    let mut words = condition.split(|next: char| !next.is_alphanumeric() && next != '_');
    words.any(|word| word == "test") && !condition.contains("any(") && !condition.contains("not(")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> Vec<String> {
        lex(text).into_iter().map(|line| line.code).collect()
    }

    #[test]
    fn comments_are_kept_apart_from_code() {
        let lines = lex("let a = 1; // why\n/* b /* c */\n d */ let e = 2;");
        assert_eq!(lines[0].code, "let a = 1; ");
        assert_eq!(lines[0].comment.as_deref(), Some("// why"));
        assert_eq!(lines[2].code, " let e = 2;");
    }

    #[test]
    fn words_in_strings_are_not_code() {
        let lines = lex(r####"f("// no", "\"x\\", r#"say "y""#, b"z"); g('"', 'a', '\'');"####);
        assert_eq!(lines[0].code, r#"f("", "", "", b""); g(, , );"#);
        assert_eq!(lines[0].strings, ["// no", r#"\"x\\"#, r#"say "y""#, "z"]);
    }

    #[test]
    fn lifetimes_are_code_and_long_strings_keep_the_line_count() {
        assert_eq!(code("fn f<'a>(x: &'a str) {}"), ["fn f<'a>(x: &'a str) {}"]);
        assert_eq!(code("let x = \"a\nb\";\nlet y;").len(), 3);
        assert_eq!(code("let x = \"a\nb\";\nlet y;")[2], "let y;");
    }

    #[test]
    fn text_that_is_not_rust_does_not_panic() {
        for text in ["\"", "'", "'\\", "/*", "r#\"", "r", "é'é", "'\\é", "}"] {
            lex(text);
        }
    }

    #[test]
    fn test_modules_are_marked_to_their_closing_brace() {
        let lines =
            lex("a();\n#[cfg(test)]\nmod tests {\n fn b() {}\n}\nc();\n#[cfg(test)]\nmod d;\ne();");
        let marked: Vec<_> = lines.iter().map(|line| line.in_test).collect();
        assert_eq!(
            marked,
            [false, true, true, true, true, false, true, true, false]
        );
    }

    #[test]
    fn only_conditions_that_need_a_test_mark_code() {
        let marks = |condition: &str| lex(&format!("#[cfg({condition})]\nmod a;"))[1].in_test;
        assert!(marks("test") && marks("all(unix, test)") && marks("all(test, feature = \"x\")"));
        assert!(!marks("any(test, feature = \"test-util\")") && !marks("not(test)"));
        assert!(!marks("feature = \"test\"") && !marks("unix"));
    }
}
