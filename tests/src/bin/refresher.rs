//! A process that renews the token of an encrypted file: `refresher FILE hangs|waits|hurries`.
//!
//! It says `ready` and begins at the end of its input. It says `held` when somebody else has the
//! lease, `refresh` with the refresh token or `login` when it asks the authority, and `renewed` at
//! the end. With `hangs` the authority never answers; with `hurries` the lease is not looked at.

use std::error::Error;
use std::future::{pending, ready};
use std::io::Read;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use integration_tests::rig::say;
use integration_tests::stores::{Kind, Store};
use token_core::flight::Renewal;
use token_core::{AccessToken, Grant, Lifetime, RefreshToken, TokenData, TokenError};
use token_manager::{FlightContext, TokenManager, TokenProvider};
use token_store::{
    Commit, Committed, Durability, EncryptedFileStore, FailureNote, Fence, Generation, Lease,
    LeaseAttempt, LeaseFuture, LeaseGuard, Loaded, StoreError, TokenStore,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().ok_or("refresher: an argument is missing");
    let (file, manner) = (next()?, next()?);
    let patience = Duration::from_secs(60);
    let opened = Kind::Encrypted.open(Path::new(&file), Durability::None, patience)?;
    let Store::Encrypted(store) = opened else {
        return Err("refresher: the store is encrypted".into());
    };
    let store = Told {
        store,
        hurries: manner == "hurries",
        was_held: AtomicBool::new(false),
    };
    let authority = Authority {
        hangs: manner == "hangs",
    };
    let manager = TokenManager::builder(authority).store(store).build();
    // What is stored is then no news that would do instead of a renewal.
    manager.load().await;
    say("ready");
    std::io::stdin().read_to_end(&mut Vec::new())?;
    manager.refresh_token().await?;
    say("renewed");
    Ok(())
}

/// Says what it is asked.
#[derive(Debug)]
struct Authority {
    hangs: bool,
}

impl TokenProvider for Authority {
    async fn obtain(&self, _flight: &FlightContext) -> Result<Grant, TokenError> {
        say("login");
        Ok(grant())
    }

    async fn refresh(
        &self,
        token: &TokenData,
        _flight: &FlightContext,
    ) -> Result<Grant, TokenError> {
        let refresh = token.refresh_token().map(RefreshToken::expose_secret);
        say(format_args!("refresh {}", refresh.unwrap_or_default()));
        if self.hangs {
            pending::<()>().await;
        }
        Ok(grant())
    }

    fn renewal(&self) -> Renewal {
        Renewal::RefreshToken
    }
}

fn grant() -> Grant {
    let access = AccessToken::new("renewed").expect("letters make a token");
    let refresh = RefreshToken::new("second").expect("letters make a refresh token");
    let lifetime = Lifetime::Stated(Duration::from_secs(3600));
    Grant::new(access, lifetime).with_refresh(Some(refresh))
}

/// Says when the lease is held.
#[derive(Debug)]
struct Told {
    store: EncryptedFileStore,
    hurries: bool,
    was_held: AtomicBool,
}

impl TokenStore for Told {
    async fn load(&self) -> Result<Loaded, StoreError> {
        self.store.load().await
    }

    async fn commit(&self, commit: Commit) -> Result<Committed, StoreError> {
        self.store.commit(commit).await
    }

    async fn try_lease(&self, ttl: Duration) -> LeaseAttempt {
        if self.hurries {
            return LeaseAttempt::Acquired(Lease::new(Fence::new(1), Box::new(Unguarded)));
        }
        let attempt = self.store.try_lease(ttl).await;
        let is_held = matches!(attempt, LeaseAttempt::Held(_));
        if is_held && !self.was_held.swap(true, Ordering::Relaxed) {
            say("held");
        }
        attempt
    }

    async fn changed(&self, since: Generation) {
        self.store.changed(since).await;
    }

    fn kind(&self) -> &'static str {
        self.store.kind()
    }
}

/// A lease of nothing.
struct Unguarded;

impl LeaseGuard for Unguarded {
    fn mark_sent(&mut self, _basis: Generation) -> LeaseFuture<'_> {
        Box::pin(ready(Ok(())))
    }

    fn note(&mut self, _note: Option<FailureNote>) -> LeaseFuture<'_> {
        Box::pin(ready(Ok(())))
    }

    fn release(self: Box<Self>, _keep_mark: bool) -> LeaseFuture<'static> {
        Box::pin(ready(Ok(())))
    }
}
