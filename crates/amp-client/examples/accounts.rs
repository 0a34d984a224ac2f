//! Many accounts in one process: a client for each, and what can be shared is.
//!
//! The transport is shared, so all of them use the same connections. Tokens, credentials and the
//! pause after a 429 are each client's own: a limit of one account does not slow the others.
//!
//! ```console
//! cargo run -p amp-client --example accounts -- http://127.0.0.1:8787/api alice bob
//! ```
//!
//! Every password is in a variable: `PASSWORD_ALICE`, `PASSWORD_BOB`.
#![expect(clippy::print_stdout, reason = "its output is the answers")]

use std::collections::BTreeMap;
use std::env;
use std::error::Error;

use amp_client::{ApiClient, CredentialSource, Credentials, TokenError};
use futures_util::future::try_join_all;
use token_core::{ErrorClass, TokenFailure};
use token_manager::credentials_fn;
use transport::Transport;

/// The clients by user name.
struct Accounts(BTreeMap<String, ApiClient>);

impl Accounts {
    async fn open<C: CredentialSource>(
        base_url: &str,
        users: &[String],
        credentials: impl Fn(&str) -> C,
    ) -> Result<Self, Box<dyn Error>> {
        let transport = Transport::builder().build()?;
        let mut clients = BTreeMap::new();
        for user in users {
            let client = ApiClient::builder()
                .base_url(base_url)
                .credentials(credentials(user))
                .transport(transport.clone());
            clients.insert(user.clone(), client.build().await?);
        }
        Ok(Self(clients))
    }

    /// How many assets each account sees; they are asked at the same time.
    async fn assets(&self) -> Result<BTreeMap<&str, usize>, amp_client::Error> {
        let answers = self.0.iter().map(async |(user, client)| {
            let assets = client.get_assets().await?;
            Ok::<_, amp_client::Error>((user.as_str(), assets.len()))
        });
        Ok(try_join_all(answers).await?.into_iter().collect())
    }

    async fn close(self) {
        for client in self.0.into_values() {
            client.close().await;
        }
    }
}

/// The password is looked up at each login, and kept nowhere.
#[expect(
    clippy::disallowed_methods,
    reason = "a program may read its environment"
)]
fn credentials(user: &str) -> impl CredentialSource + use<> {
    let (user, variable) = (user.to_owned(), format!("PASSWORD_{}", user.to_uppercase()));
    credentials_fn(move || match env::var(&variable) {
        Ok(password) => Ok(Credentials::new(&user, password)),
        Err(_) => Err(TokenError::Configuration(TokenFailure::new(
            ErrorClass::Terminal,
            format!("{variable} is not set"),
        ))),
    })
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let base_url = arguments.next().ok_or("which service?")?;
    let users: Vec<_> = arguments.collect();
    let accounts = Accounts::open(&base_url, &users, credentials).await?;
    for (user, assets) in accounts.assets().await? {
        println!("{user}: {assets} assets");
    }
    accounts.close().await;
    Ok(())
}

#[cfg(test)]
mod tests {
    use amp_client::FixedCredentials;
    use amp_sandbox::Sandbox;

    use super::*;

    #[tokio::test]
    async fn each_account_logs_in_once_for_itself() {
        let sandbox = Sandbox::builder().accept_any_credentials().start();
        let sandbox = sandbox.await.unwrap();
        let users = ["alice".to_owned(), "bob".to_owned()];
        let password = |user: &str| FixedCredentials::new(Credentials::new(user, "secret"));
        let accounts = Accounts::open(sandbox.base_url(), &users, password);
        let accounts = accounts.await.unwrap();
        for _ in 0..3 {
            let assets = accounts.assets().await.unwrap();
            assert_eq!(assets, BTreeMap::from([("alice", 3), ("bob", 3)]));
        }
        assert_eq!(sandbox.count("POST", "/user/obtain_token"), 2);
        accounts.close().await;
    }

    #[test]
    fn a_missing_password_is_named() {
        let error = credentials("nobody in particular")
            .credentials()
            .unwrap_err();
        let expected = "Configuration error: PASSWORD_NOBODY IN PARTICULAR is not set";
        assert_eq!(error.to_string(), expected);
    }
}
