//! Where `auth login` gets the password: never from an argument, which every process can read.

use std::fs::File;
use std::io::{self, IsTerminal as _, Read};
use std::path::{Path, PathBuf};

use clap::Args;
use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

use crate::context::Context;
use crate::credentials::PASSWORD;
use crate::error::Failure;

/// The longest password that is read, in bytes.
const MAX_BYTES: usize = 4096;

/// Where a password comes from instead of a prompt.
#[derive(Debug, Default, Args)]
pub(crate) struct PasswordArgs {
    /// Read the password from this file instead of asking for it
    #[arg(long, value_name = "PATH", conflicts_with = "password_stdin")]
    password_file: Option<PathBuf>,
    /// Read the password from stdin
    #[arg(long)]
    password_stdin: bool,
}

/// Why there is no password to be had, so that it can be told with everything else that is wrong.
pub(crate) fn missing(args: &PasswordArgs, context: &Context) -> Option<String> {
    let given = args.password_stdin
        || args.password_file.is_some()
        || context.vars.text(PASSWORD).is_some();
    (!given && !can_ask()).then(|| {
        format!(
            "{PASSWORD} is not set; set it, or use --password-file, --password-stdin or a terminal"
        )
    })
}

/// Reads the password. This blocks, and waits for a person where it asks one.
pub(crate) fn read(args: &PasswordArgs, context: &Context) -> Result<SecretString, Failure> {
    if let Some(given) = given(args) {
        return given;
    }
    match context.vars.text(PASSWORD) {
        Some(password) => Ok(SecretString::from(password)),
        None => ask("Password: "),
    }
}

/// Reads a password that is to count from now on; whoever types it does so twice. This blocks.
pub(crate) fn read_new(args: &PasswordArgs) -> Result<SecretString, Failure> {
    if let Some(given) = given(args) {
        return given;
    }
    if !can_ask() {
        let message = "there is no terminal to ask for the new password at";
        let hint = "use --password-file or --password-stdin";
        return Err(Failure::usage(message).with_hint(hint));
    }
    let password = ask("New password: ")?;
    let again = ask("The same again: ")?;
    match password.expose_secret() == again.expose_secret() {
        true => Ok(password),
        false => Err(Failure::usage("the two passwords differ")),
    }
}

fn given(args: &PasswordArgs) -> Option<Result<SecretString, Failure>> {
    if let Some(path) = &args.password_file {
        return Some(from_file(path));
    }
    args.password_stdin
        .then(|| from_reader(io::stdin().lock(), "stdin"))
}

fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

fn ask(question: &str) -> Result<SecretString, Failure> {
    let answer = rpassword::prompt_password(question).map_err(|error| {
        Failure::configuration(&[format!("the password cannot be asked for: {error}")])
    })?;
    let answer = Zeroizing::new(answer);
    if answer.is_empty() {
        return Err(Failure::configuration(
            &["the password is empty".to_owned()],
        ));
    }
    Ok(SecretString::from(answer.as_str()))
}

fn from_file(path: &Path) -> Result<SecretString, Failure> {
    let place = path.display().to_string();
    let file = File::open(path).map_err(|error| unreadable(&place, error))?;
    from_reader(file, &place)
}

/// Reads one password; a line end behind it does not belong to it.
fn from_reader(reader: impl Read, place: &str) -> Result<SecretString, Failure> {
    // Filled once and never moved, so that no copy stays behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_BYTES + 1));
    let limit = MAX_BYTES as u64 + 1;
    let read = reader.take(limit).read_to_end(&mut bytes);
    read.map_err(|error| unreadable(place, error))?;
    let text = std::str::from_utf8(&bytes).map_err(|_| refused(place, "it is not UTF-8"))?;
    let password = text.strip_suffix('\n').unwrap_or(text);
    let password = password.strip_suffix('\r').unwrap_or(password);
    if password.is_empty() {
        return Err(refused(place, "it is empty"));
    }
    if bytes.len() > MAX_BYTES {
        return Err(refused(place, "it is longer than 4096 bytes"));
    }
    Ok(SecretString::from(password))
}

fn unreadable(place: &str, error: io::Error) -> Failure {
    Failure::configuration(&[format!("the password cannot be read from {place}: {error}")])
}

fn refused(place: &str, why: &str) -> Failure {
    Failure::configuration(&[format!("the password from {place} cannot be used: {why}")])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_from(bytes: &[u8]) -> Result<String, String> {
        from_reader(bytes, "here")
            .map(|password| password.expose_secret().to_owned())
            .map_err(|failure| failure.to_string())
    }

    #[test]
    fn one_line_end_is_no_part_of_the_password_and_everything_else_is() {
        assert_eq!(read_from(b"hunter2").unwrap(), "hunter2");
        assert_eq!(read_from(b"hunter2\r\n").unwrap(), "hunter2");
        assert_eq!(read_from(b" a b \n\n").unwrap(), " a b \n");
        assert_eq!(read_from(&[b'x'; MAX_BYTES]).unwrap().len(), MAX_BYTES);
    }

    //
    #[test]
    fn what_is_no_password_is_refused_without_repeating_it() {
        for bytes in [&b""[..], b"\n", b"hunter2\xff", &b"hunter2".repeat(1000)] {
            let error = read_from(bytes).unwrap_err();
            assert!(
                error.contains("here") && !error.contains("hunter2"),
                "{error}"
            );
        }
    }
}
