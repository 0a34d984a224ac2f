//! What a service says with `WWW-Authenticate` about the token it was sent.
//!
//! The header is parsed as RFC 9110 section 11.6.1 has it: several challenges in one value and
//! several values, each with a token68 or a list of parameters. What cannot be read is skipped, up
//! to the next comma; the rest still counts.

use std::borrow::Cow;

use http::{HeaderMap, header};

/// Why the token was not enough (RFC 6750 section 3.1), from all challenges together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Complaint {
    /// `invalid_token`: expired, revoked or malformed; another token may do.
    InvalidToken,
    /// `insufficient_scope`: the account may not do this, with whatever token.
    InsufficientScope,
    /// `invalid_request`: the request itself is malformed.
    InvalidRequest,
    /// No reason that we know.
    Unstated,
}

/// The schemes under which a service speaks about bearer tokens; others, such as `Basic`, are
/// offers that have nothing to do with the token.
const SCHEMES: [&str; 2] = ["Bearer", "Token"];

/// What all challenges of an answer say together. A token that is called invalid in one of them is
/// invalid, whatever the others ask for.
pub(super) fn complaint(headers: &HeaderMap) -> Complaint {
    let mut found = Complaint::Unstated;
    for value in headers.get_all(header::WWW_AUTHENTICATE) {
        for challenge in Challenges::of(value.as_bytes()) {
            match challenge.complaint() {
                Complaint::InvalidToken => return Complaint::InvalidToken,
                Complaint::Unstated => {}
                stated => found = stated,
            }
        }
    }
    found
}

#[derive(Debug, PartialEq, Eq)]
struct Challenge<'a> {
    scheme: &'a [u8],
    /// The first `error` parameter; it must not occur twice (RFC 6750 section 3).
    error: Option<Cow<'a, [u8]>>,
}

impl Challenge<'_> {
    fn complaint(&self) -> Complaint {
        let is_ours = |scheme: &str| self.scheme.eq_ignore_ascii_case(scheme.as_bytes());
        if !SCHEMES.into_iter().any(is_ours) {
            return Complaint::Unstated;
        }
        match self.error.as_deref() {
            Some(b"invalid_token") => Complaint::InvalidToken,
            Some(b"insufficient_scope") => Complaint::InsufficientScope,
            Some(b"invalid_request") => Complaint::InvalidRequest,
            _ => Complaint::Unstated,
        }
    }
}

/// Reads the challenges of one header value, one after the other.
struct Challenges<'a> {
    rest: &'a [u8],
    /// The scheme that was read as the end of the challenge before it.
    next: Option<&'a [u8]>,
}

/// One element of the list.
enum Element<'a> {
    Scheme(&'a [u8]),
    Parameter(&'a [u8], Cow<'a, [u8]>),
}

impl<'a> Challenges<'a> {
    fn of(value: &'a [u8]) -> Self {
        Self {
            rest: value,
            next: None,
        }
    }

    /// The next element; `None` at the end.
    fn element(&mut self) -> Option<Element<'a>> {
        loop {
            self.skip(|byte| is_space(byte) || byte == b',');
            if self.rest.is_empty() {
                return None;
            }
            let word = self.take(is_tchar);
            if word.is_empty() {
                self.skip_element();
                continue;
            }
            if let Some(value) = self.value() {
                return Some(Element::Parameter(word, value));
            }
            self.skip_token68();
            return Some(Element::Scheme(word));
        }
    }

    /// `=` and the value of a parameter; `None`, with nothing read, when it is not one.
    fn value(&mut self) -> Option<Cow<'a, [u8]>> {
        let before = self.rest;
        self.skip(is_space);
        if let Some((b'=', rest)) = self.rest.split_first() {
            self.rest = rest;
            self.skip(is_space);
            if let Some((b'"', rest)) = self.rest.split_first() {
                self.rest = rest;
                return Some(self.quoted());
            }
            let value = self.take(is_tchar);
            if !value.is_empty() {
                return Some(Cow::Borrowed(value));
            }
        }
        self.rest = before;
        None
    }

    /// The rest of a quoted string; without a closing quote it goes to the end.
    fn quoted(&mut self) -> Cow<'a, [u8]> {
        let plain = self.take(|byte| byte != b'"' && byte != b'\\');
        if self.rest.first() != Some(&b'\\') {
            self.rest = self.rest.get(1..).unwrap_or_default();
            return Cow::Borrowed(plain);
        }
        let mut text = plain.to_vec();
        while let Some((byte, rest)) = self.rest.split_first() {
            self.rest = rest;
            match (byte, rest.split_first()) {
                (b'"', _) => break,
                (b'\\', Some((escaped, rest))) => {
                    text.push(*escaped);
                    self.rest = rest;
                }
                _ => text.push(*byte),
            }
        }
        Cow::Owned(text)
    }

    /// Skips a token68 after a scheme, if there is one: it is the whole rest of its element.
    fn skip_token68(&mut self) {
        let before = self.rest;
        self.skip(is_space);
        self.skip(is_token68);
        self.skip(|byte| byte == b'=');
        self.skip(is_space);
        if !matches!(self.rest.first(), None | Some(b',')) {
            self.rest = before;
        }
    }

    /// Skips what cannot be read, up to the next comma that no quotes hide.
    fn skip_element(&mut self) {
        while let Some((byte, rest)) = self.rest.split_first() {
            self.rest = rest;
            match byte {
                b',' => return,
                b'"' => drop(self.quoted()),
                _ => {}
            }
        }
    }

    fn skip(&mut self, wanted: impl Fn(u8) -> bool) {
        self.take(wanted);
    }

    fn take(&mut self, wanted: impl Fn(u8) -> bool) -> &'a [u8] {
        let end = self.rest.iter().position(|byte| !wanted(*byte));
        let (taken, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        taken
    }
}

impl<'a> Iterator for Challenges<'a> {
    type Item = Challenge<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut challenge = self.next.take().map(Challenge::new);
        while let Some(element) = self.element() {
            match (element, &mut challenge) {
                (Element::Scheme(scheme), None) => challenge = Some(Challenge::new(scheme)),
                (Element::Scheme(scheme), Some(_)) => {
                    self.next = Some(scheme);
                    break;
                }
                (Element::Parameter(name, value), Some(challenge)) => challenge.take(name, value),
                (Element::Parameter(..), None) => {}
            }
        }
        challenge
    }
}

impl<'a> Challenge<'a> {
    fn new(scheme: &'a [u8]) -> Self {
        Self {
            scheme,
            error: None,
        }
    }

    fn take(&mut self, name: &[u8], value: Cow<'a, [u8]>) {
        if self.error.is_none() && name.eq_ignore_ascii_case(b"error") {
            self.error = Some(value);
        }
    }
}

fn is_space(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

/// RFC 9110 section 5.6.2.
fn is_tchar(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// RFC 9110 section 11.2, without the padding at its end.
fn is_token68(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte)
}

#[cfg(test)]
mod tests;
