//! How long a new process takes to its first token: `cold_start AMP LIBRARY_TOKEN DIRECTORY`.
//!
//! The example reads an encrypted file with a key in a file, the command the plain file that it
//! keeps by default.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context as _, Result, ensure};
use benches::{Measurement, Samples};
use token_core::{AccessToken, TokenData};
use token_store::{
    Binding, Change, Commit, EncryptedFileStore, FileStore, Generation, Key, KeySet, OpId, Record,
};

/// Each program in turn, so often.
const ROUNDS: usize = 150;
const WARM_UP: usize = 10;

const SERVICE: &str = "https://amp.example/api";
const USER: &str = "alice";

fn main() -> Result<()> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let mut next = |what: &str| {
        arguments
            .next()
            .with_context(|| format!("where is {what}?"))
    };
    let (amp, library) = (next("amp")?, next("library_token")?);
    let place = tempfile::tempdir_in(next("the directory")?)?;
    let at = |name: &str| place.path().join(name);
    let (plain, encrypted, key_file) = (at("token.json"), at("token.tks"), at("key"));
    let token = write(&plain, &encrypted, &key_file)?;

    let mut amp = Command::new(amp);
    amp.args(["--base-url", SERVICE, "--token-file"]);
    amp.arg(plain).args(["auth", "token"]);
    let mut library = Command::new(library);
    library.args([SERVICE, USER]).args([&encrypted, &key_file]);
    let mut programs = [
        ("bin_true", Command::new("/bin/true"), String::new()),
        ("library_token", library, format!("{token}\n")),
        ("amp_auth_token", amp, format!("{token}\n")),
    ];
    for (name, program, expected) in &mut programs {
        program.env_clear().env("AMP_USERNAME", USER);
        let output = program.output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{name}: {said}");
        ensure!(
            output.stdout == expected.as_bytes(),
            "{name} printed something else"
        );
        program.stdin(Stdio::null()).stdout(Stdio::null());
    }
    let mut times = programs.each_ref().map(|_| Samples::default());
    for round in 0..WARM_UP + ROUNDS {
        for ((_, program, _), times) in programs.iter_mut().zip(&mut times) {
            let start = Instant::now();
            program.status()?;
            times.add_after(WARM_UP, round, start.elapsed());
        }
    }
    for ((name, _, _), times) in programs.iter().zip(times) {
        Measurement::new("cold_start", name, times.median_ms(), "ms").print();
    }
    Ok(())
}

/// Writes a key, and a token of an hour into both files; answers the token.
fn write(plain: &Path, encrypted: &Path, key_file: &Path) -> Result<String> {
    let key = Key::generate()?;
    fs::write(key_file, key.to_base64().as_bytes())?;
    fs::set_permissions(key_file, fs::Permissions::from_mode(0o600))?;
    let text = "x".repeat(1_000);
    #[expect(
        clippy::disallowed_methods,
        reason = "the programs read the clock, too"
    )]
    let now = SystemTime::now();
    let hour = Duration::from_secs(3_600);
    let data = TokenData::with_lifetime(AccessToken::new(text.as_str())?, now, hour);
    let change = Change::Put(Record::new(data));
    let commit = Commit::new(Generation::ZERO, change, OpId::new(1));
    let binding = Binding::new(SERVICE, USER)?;
    FileStore::open(plain, binding.clone())?.commit_now(commit.clone())?;
    EncryptedFileStore::open(encrypted, binding, KeySet::new(key))?.commit_now(commit)?;
    Ok(text)
}
