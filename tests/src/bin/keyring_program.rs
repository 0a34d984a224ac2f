//! A process that uses the keyring of the session it is started in, for the suite `keyring`.
//!
//! `keyring_program contract <directory>` runs the contract of every store on it,
//! `keyring_program key <directory>` says the name of the key, `keyring_program rotate <directory>`
//! exchanges it and says the names of all, and `keyring_program open <directory>` says `works` or
//! the kind of the error. The directory takes the lock files.
#![allow(clippy::print_stdout, reason = "standard output is its protocol")]

use std::env;
use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use token_store::{
    Binding, Key, Keyring, KeyringOnDemand, KeyringStore, OsKeyring, check_contract_between,
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let (Some(task), Some(directory)) = (arguments.next(), arguments.next()) else {
        return Err("keyring_program: an argument is missing".into());
    };
    let directory = PathBuf::from(directory);
    match task.as_str() {
        "contract" => contract(directory).await,
        "key" => say_keys(&KeyringOnDemand::new(directory)),
        "rotate" => {
            let keyring = KeyringOnDemand::new(directory);
            keyring.rotate(&Key::generate()?)?;
            say_keys(&keyring)
        }
        "open" => {
            match Keyring::open(directory) {
                Ok(_) => println!("works"),
                Err(error) => println!("{:?}", error.kind()),
            }
            Ok(())
        }
        _ => Err("keyring_program: the task is contract, key, rotate or open".into()),
    }
}

/// Two handles as two processes would have them, for a user of each check's own.
async fn contract(directory: PathBuf) -> Result<(), Box<dyn Error>> {
    let users = AtomicU32::new(0);
    check_contract_between(async || {
        let user = format!("user-{}", users.fetch_add(1, Ordering::Relaxed));
        let binding = Binding::new("https://amp.example", &user).expect("a user and an origin");
        let handle = || {
            let keyring = Keyring::open(&directory).expect("the keyring works");
            Arc::new(KeyringStore::open(keyring, binding.clone()))
        };
        (handle(), handle())
    })
    .await;
    println!("kept");
    Ok(())
}

fn say_keys(keyring: &KeyringOnDemand) -> Result<(), Box<dyn Error>> {
    let keys = keyring.load_or_keep(&Key::generate()?)?;
    for key in keys.unwrap_or_default() {
        println!("{}", key.id());
    }
    Ok(())
}
