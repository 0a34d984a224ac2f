//! Marks in a directory that was made for tokens: nothing in it belongs into a repository or a
//! backup.

use std::io::{self, Write};

use super::directory::Directory;

/// The names and contents of the marks. The second is the Cache Directory Tagging Specification.
const MARKS: [(&str, &str); 2] = [
    (".gitignore", "*\n"),
    (
        "CACHEDIR.TAG",
        "Signature: 8a477f597d28d172789f06886806bc55\n",
    ),
];

/// Sets the marks. They are a help and no condition, so one that cannot be set is left out.
pub(crate) fn mark(directory: &Directory) {
    for (name, content) in MARKS {
        if let Err(error) = set(directory, name, content) {
            tracing::debug!(name, %error, "a mark could not be set");
        }
    }
}

fn set(directory: &Directory, name: &str, content: &str) -> io::Result<()> {
    directory.create_new(name)?.write_all(content.as_bytes())
}
