//! How long a new process takes to the first token of an encrypted file, with a key in a file:
//! `cold_start AMP LIBRARY_TOKEN DIRECTORY`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context as _, Result, ensure};
use benches::{Measurement, Samples};
use token_core::{AccessToken, TokenData};
use token_store::{
    Binding, Change, Commit, EncryptedFileStore, Generation, Key, KeySet, OpId, Record,
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
    let (token_file, key_file) = (place.path().join("token.tks"), place.path().join("key"));
    let token = write(&token_file, &key_file)?;

    let mut amp = Command::new(amp);
    amp.args(["--base-url", SERVICE, "--store", "encrypted"]);
    amp.arg("--token-file").arg(&token_file);
    amp.arg("--key-file").arg(&key_file).args(["auth", "token"]);
    let mut library = Command::new(library);
    library.args([SERVICE, USER]).args([&token_file, &key_file]);
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
        let (median, best) = times.median_and_best_ms();
        Measurement::new("cold_start", name, median, "ms").print();
        Measurement::new("cold_start", name, best, "ms_best").print();
    }
    Ok(())
}

/// Writes a key, and a token of an hour under it; answers the token.
fn write(token_file: &Path, key_file: &Path) -> Result<String> {
    let key = Key::generate()?;
    fs::write(key_file, key.to_base64().as_bytes())?;
    #[cfg(unix)]
    {
        let owner_alone = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        fs::set_permissions(key_file, owner_alone)?;
    }
    let text = "x".repeat(1_000);
    #[expect(
        clippy::disallowed_methods,
        reason = "the programs read the clock, too"
    )]
    let now = SystemTime::now();
    let hour = Duration::from_secs(3_600);
    let data = TokenData::with_lifetime(AccessToken::new(text.as_str())?, now, hour);
    let binding = Binding::new(SERVICE, USER)?;
    let store = EncryptedFileStore::open(token_file, binding, KeySet::new(key))?;
    let change = Change::Put(Record::new(data));
    store.commit_now(Commit::new(Generation::ZERO, change, OpId::new(1)))?;
    Ok(text)
}
