//! What the server really did, read from its own log of changes.
//!
//! The log is the judge of the rig: it does not pass through anything of ours.

use std::fs;
use std::path::{Path, PathBuf};

/// One compare-and-swap that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Made {
    pub(crate) generation: u64,
    pub(crate) operation: u128,
}

/// Every compare-and-swap in the append-only files of this folder, in order.
pub(crate) fn made(folder: &Path) -> Vec<Made> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().ends_with(".incr.aof"))
        .collect();
    files.sort_by_key(|path| number_of(path));
    let commands = files
        .iter()
        .flat_map(|path| commands(&fs::read(path).unwrap()));
    commands.filter_map(|command| swap(&command)).collect()
}

/// The number in `appendonly.aof.<number>.incr.aof`.
fn number_of(path: &Path) -> u64 {
    let name = path.file_name().unwrap().to_str().unwrap();
    name.split('.').nth(2).unwrap().parse().unwrap()
}

/// `HSET key g <generation> ops <operation>:<generation>,… f <fence>`
fn swap(command: &[Vec<u8>]) -> Option<Made> {
    let text = |at: usize| std::str::from_utf8(command.get(at)?).ok();
    if !text(0)?.eq_ignore_ascii_case("hset") || text(2)? != "g" {
        return None;
    }
    Some(Made {
        generation: text(3)?.parse().unwrap(),
        operation: u128::from_str_radix(&text(5)?[..32], 16).unwrap(),
    })
}

/// Whole commands; what the server was killed in the middle of is not one.
fn commands(mut rest: &[u8]) -> Vec<Vec<Vec<u8>>> {
    let mut commands = Vec::new();
    while let Some(command) = command(&mut rest) {
        commands.push(command);
    }
    commands
}

fn command(rest: &mut &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut line = line(rest)?;
    // Annotations, such as the time.
    while line.starts_with(b"#") {
        line = self::line(rest)?;
    }
    let count: usize = number(line, b'*')?;
    (0..count).map(|_| bulk(rest)).collect()
}

fn bulk(rest: &mut &[u8]) -> Option<Vec<u8>> {
    let length: usize = number(line(rest)?, b'$')?;
    let (text, after) = rest.split_at_checked(length)?;
    *rest = after.get(2..)?;
    Some(text.to_vec())
}

fn line<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let end = rest.windows(2).position(|two| two == b"\r\n")?;
    let (line, after) = rest.split_at(end);
    *rest = &after[2..];
    Some(line)
}

fn number(line: &[u8], sign: u8) -> Option<usize> {
    let digits = line.strip_prefix(&[sign])?;
    std::str::from_utf8(digits).ok()?.parse().ok()
}
