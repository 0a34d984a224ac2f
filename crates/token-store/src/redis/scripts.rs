//! The steps that the server makes as one.

use redis::aio::MultiplexedConnection;
use redis::{Cmd, RedisError, Script, Value};

use super::call::{Encoded, What};

/// Every script of the protocol. The server keeps them by their hash.
#[derive(Debug)]
pub(crate) struct Scripts {
    acquire: Script,
    renew: Script,
    mark: Script,
    note: Script,
    release: Script,
    swap: Script,
}

impl Default for Scripts {
    fn default() -> Self {
        Self {
            acquire: Script::new(include_str!("scripts/acquire.lua")),
            renew: Script::new(include_str!("scripts/renew.lua")),
            mark: Script::new(include_str!("scripts/mark.lua")),
            note: Script::new(include_str!("scripts/note.lua")),
            release: Script::new(include_str!("scripts/release.lua")),
            swap: Script::new(include_str!("scripts/swap.lua")),
        }
    }
}

impl Scripts {
    /// The same, but stores whatever it is told to: what the suite must find.
    #[cfg(any(test, feature = "test-util"))]
    pub(crate) fn without_checks() -> Self {
        Self {
            swap: Script::new(include_str!("scripts/unchecked_swap.lua")),
            ..Self::default()
        }
    }

    /// Asks. A script that the server does not know is sent to it.
    pub(crate) async fn run(
        &self,
        connection: &mut MultiplexedConnection,
        encoded: &Encoded<'_>,
    ) -> Result<Value, RedisError> {
        let script = match encoded.what {
            What::Hmget => return plain("HMGET", encoded).query_async(connection).await,
            What::Time => return plain("TIME", encoded).query_async(connection).await,
            What::Wait => return plain("WAIT", encoded).query_async(connection).await,
            What::Acquire => &self.acquire,
            What::Renew => &self.renew,
            What::Mark => &self.mark,
            What::Note => &self.note,
            What::Release => &self.release,
            What::Swap => &self.swap,
        };
        let mut call = script.prepare_invoke();
        for key in &encoded.keys {
            call.key(*key);
        }
        for argument in &encoded.arguments {
            call.arg(argument.as_slice());
        }
        call.invoke_async(connection).await
    }
}

fn plain(name: &str, encoded: &Encoded<'_>) -> Cmd {
    let mut command = redis::cmd(name);
    for key in &encoded.keys {
        command.arg(*key);
    }
    for argument in &encoded.arguments {
        command.arg(argument.as_slice());
    }
    command
}
