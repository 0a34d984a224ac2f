//! A short program that needs a token which somebody else keeps fresh: no runtime, no network.
//!
//! `library_token SERVICE USER TOKEN_FILE KEY_FILE` prints the token of an encrypted file.
#![expect(clippy::print_stdout, reason = "its output is the token")]

use std::env;
use std::error::Error;
use std::path::Path;
use std::time::SystemTime;

use token_store::{Binding, EncryptedFileStore, KeySet, read_key_file};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let mut next = || arguments.next().ok_or("an argument is missing");
    let binding = Binding::new(&next()?, &next()?)?;
    let (token_file, key_file) = (next()?, next()?);
    let keys = KeySet::new(read_key_file(Path::new(&key_file))?);
    let store = EncryptedFileStore::open(token_file, binding, keys)?;
    let token = store.read_now()?.record.ok_or("nobody is logged in")?.token;
    #[expect(
        clippy::disallowed_methods,
        reason = "a program may ask what time it is"
    )]
    let now = SystemTime::now();
    if token.expires_at() <= now {
        return Err("the token has ended".into());
    }
    println!("{}", token.token().expose_secret());
    Ok(())
}
