//! The value of `--data`: a text, a file, or stdin.

use std::fs::File;
use std::io::{self, Read};

use bytes::Bytes;

use crate::error::Failure;

/// As much as the service could answer with, and far more than it accepts.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// Reads the data and checks that it is JSON, so that a slip is not sent. This blocks.
pub(crate) fn read(value: &str) -> Result<Bytes, Failure> {
    let data = match value.strip_prefix('@') {
        _ if value == "-" => from_reader(io::stdin().lock(), "stdin")?,
        Some(path) => {
            let file = File::open(path).map_err(|error| unreadable(path, &error))?;
            from_reader(file, path)?
        }
        None => Bytes::copy_from_slice(value.as_bytes()),
    };
    match serde_json::from_slice::<serde::de::IgnoredAny>(&data) {
        Ok(_) => Ok(data),
        Err(error) => {
            let (line, column) = (error.line(), error.column());
            Err(Failure::usage(format!(
                "--data is not JSON, at line {line} column {column}"
            )))
        }
    }
}

fn from_reader(reader: impl Read, place: &str) -> Result<Bytes, Failure> {
    let mut bytes = Vec::new();
    let read = reader.take(MAX_BYTES + 1).read_to_end(&mut bytes);
    read.map_err(|error| unreadable(place, &error))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(Failure::usage(format!("{place} has more than 16 MiB")));
    }
    Ok(bytes.into())
}

fn unreadable(place: &str, error: &io::Error) -> Failure {
    Failure::usage(format!("--data cannot be read from {place}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_is_a_text_or_a_file_and_must_be_json() {
        assert_eq!(read(r#"{"a":1}"#).unwrap(), r#"{"a":1}"#);
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("body.json");
        std::fs::write(&path, "[1,\n2]\n").unwrap();
        assert_eq!(read(&format!("@{}", path.display())).unwrap(), "[1,\n2]\n");

        let failures = ["", "{", "hunter2", "@/does/not/exist"];
        for value in failures {
            let failure = read(value).unwrap_err();
            assert_eq!(failure.kind().exit_code(), 2, "{failure}");
            assert!(!failure.to_string().contains("hunter2"), "{failure}");
        }
    }
}
