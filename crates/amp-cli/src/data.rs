//! The value of `--data` and its like: a text, a file, or stdin.

use std::fs::File;
use std::io::{self, Read};

use bytes::Bytes;
use serde::de::DeserializeOwned;

use crate::error::Failure;

/// As much as the service could answer with, and far more than it accepts.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// Reads the data of this flag and checks that it is JSON, so that a slip is not sent. This blocks.
pub(crate) fn read(flag: &str, value: &str) -> Result<Bytes, Failure> {
    let data = bytes(flag, value)?;
    match serde_json::from_slice::<serde::de::IgnoredAny>(&data) {
        Ok(_) => Ok(data),
        Err(error) => Err(not_json(flag, &error)),
    }
}

/// Reads the data of this flag as `what`.
pub(crate) fn json<T: DeserializeOwned>(flag: &str, value: &str, what: &str) -> Result<T, Failure> {
    let data = read(flag, value)?;
    serde_json::from_slice(&data)
        .map_err(|error| Failure::usage(format!("{flag} does not describe {what}: {error}")))
}

/// The same for data of which no message may quote anything.
pub(crate) fn secret<T: DeserializeOwned>(flag: &str, value: &str) -> Result<T, Failure> {
    let data = read(flag, value)?;
    serde_json::from_slice(&data).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        let message = format!("{flag} is not what is expected, at line {line} column {column}");
        Failure::usage(message).with_hint("the help of the command says what is")
    })
}

/// Reads a text that need not be JSON.
pub(crate) fn text(what: &str, value: &str) -> Result<String, Failure> {
    let data = bytes(what, value)?;
    let text = String::from_utf8(data.into());
    text.map_err(|_| Failure::usage(format!("{what} is not UTF-8")))
}

fn bytes(flag: &str, value: &str) -> Result<Bytes, Failure> {
    match value.strip_prefix('@') {
        _ if value == "-" => from_reader(io::stdin().lock(), flag, "stdin"),
        Some(path) => {
            let file = File::open(path).map_err(|error| unreadable(flag, path, &error))?;
            from_reader(file, flag, path)
        }
        None => Ok(Bytes::copy_from_slice(value.as_bytes())),
    }
}

fn not_json(flag: &str, error: &serde_json::Error) -> Failure {
    let (line, column) = (error.line(), error.column());
    Failure::usage(format!(
        "{flag} is not JSON, at line {line} column {column}"
    ))
}

fn from_reader(reader: impl Read, flag: &str, place: &str) -> Result<Bytes, Failure> {
    let mut bytes = Vec::new();
    let read = reader.take(MAX_BYTES + 1).read_to_end(&mut bytes);
    read.map_err(|error| unreadable(flag, place, &error))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(Failure::usage(format!("{place} has more than 16 MiB")));
    }
    Ok(bytes.into())
}

fn unreadable(flag: &str, place: &str, error: &io::Error) -> Failure {
    Failure::usage(format!("{flag} cannot be read from {place}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_is_a_text_or_a_file_and_must_be_json() {
        assert_eq!(read("--data", r#"{"a":1}"#).unwrap(), r#"{"a":1}"#);
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("body.json");
        std::fs::write(&path, "[1,\n2]\n").unwrap();
        assert_eq!(
            read("--data", &format!("@{}", path.display())).unwrap(),
            "[1,\n2]\n"
        );

        let failures = ["", "{", "hunter2", "@/does/not/exist"];
        for value in failures {
            let failure = read("--data", value).unwrap_err();
            assert_eq!(failure.kind().exit_code(), 2, "{failure}");
            assert!(!failure.to_string().contains("hunter2"), "{failure}");
        }
    }
}
