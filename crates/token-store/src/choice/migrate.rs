//! A token moves from one store to another, and is in one of them at every moment.

use std::time::Duration;

use super::{ChosenStore, StoreKind};
use crate::file::convert::{Form, convert};
use crate::file::handle::blocking;
use crate::{
    Change, Commit, Committed, Generation, Lease, LeaseAttempt, Loaded, OpId, Record,
    SharedTokenStore, StoreError, StoreErrorKind, TokenStore as _,
};

/// How often it starts anew because somebody stored a token meanwhile.
const ROUNDS: usize = 8;

/// For how long nobody else renews the token, where a store needs to be told.
const TTL: Duration = Duration::from_secs(60);

/// What came of a migration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Migrated {
    /// There was no token to move.
    Nothing,
    /// The token is in the new place alone.
    Moved,
    /// The new place had a token that ends later, and has it still; the old place is empty.
    Superseded,
}

/// Moves the token from one store to the other, for the same binding. The new place is written and
/// read again before the old one is emptied. Killed at any moment, there is a good token in at
/// least one of them, and running it again ends what was begun. Where both are the same file, its
/// form changes in one rename.
///
/// While it works, nobody else can renew the token in either place; who stores one in the old place
/// all the same has it moved, too. One server under two addresses is noticed by that: nothing is
/// moved then.
///
/// # Errors
///
/// [`StoreErrorKind::LockTimeout`] when somebody is renewing the token, or both are one place,
/// [`StoreErrorKind::Foreign`] when the stores are for different bindings, and what the stores say.
/// The old place is as it was then.
pub async fn migrate(from: &ChosenStore, to: &ChosenStore) -> Result<Migrated, StoreError> {
    if from.binding() != to.binding() {
        let reason = "the stores are for different services, users or projects";
        return Err(StoreError::new(StoreErrorKind::Foreign, reason));
    }
    let lease = lease(from.store(), "somebody is renewing the token; try again").await?;
    let migrated = under(&lease, from, to).await;
    lease.release().await?;
    migrated
}

async fn under(
    lease: &Lease,
    from: &ChosenStore,
    to: &ChosenStore,
) -> Result<Migrated, StoreError> {
    // A file that was converted before cannot be read in its old form, and needs nothing.
    if is_one_place(from, to) {
        return in_place(from, to).await;
    }
    let held =
        "somebody is renewing the token in the new place, or it is the old one by another name";
    let there = self::lease(to.store(), held).await?;
    let migrated = under_both(lease, from, to).await;
    there.release().await?;
    migrated
}

async fn under_both(
    lease: &Lease,
    from: &ChosenStore,
    to: &ChosenStore,
) -> Result<Migrated, StoreError> {
    for _ in 0..ROUNDS {
        let held = from.store().load().await?;
        let Some(record) = held.record else {
            return Ok(Migrated::Nothing);
        };
        if lease.found_sent() == Some(held.generation) {
            let reason = "a renewal of the token was interrupted; log in again, then migrate";
            return Err(StoreError::new(StoreErrorKind::LockTimeout, reason));
        }
        let Some(migrated) = copy(&record, to.store()).await? else {
            continue;
        };
        if swap(from.store(), held.generation, Change::Clear).await? {
            return Ok(migrated);
        }
    }
    let reason = "others keep storing tokens; try again when they are quiet";
    Err(StoreError::new(StoreErrorKind::LockTimeout, reason))
}

/// Makes sure that the store has this record, or one that ends later; `None` when somebody else
/// stored one meanwhile.
async fn copy(record: &Record, to: &SharedTokenStore) -> Result<Option<Migrated>, StoreError> {
    let there = to.load().await?;
    if there.record.as_ref() == Some(record) {
        return Ok(Some(Migrated::Moved));
    }
    if ends_later(&there, record) {
        return Ok(Some(Migrated::Superseded));
    }
    let change = Change::Put(record.clone());
    if !swap(to, there.generation, change).await? {
        return Ok(None);
    }
    if to.load().await?.record.as_ref() == Some(record) {
        return Ok(Some(Migrated::Moved));
    }
    let reason = "the new place does not give the token back";
    Err(StoreError::new(StoreErrorKind::Io, reason))
}

fn ends_later(there: &Loaded, record: &Record) -> bool {
    let ends = there.record.as_ref().map(|there| there.token.expires_at());
    ends.is_some_and(|ends| ends > record.token.expires_at())
}

async fn swap(
    store: &SharedTokenStore,
    expected: Generation,
    change: Change,
) -> Result<bool, StoreError> {
    let commit = Commit::new(expected, change, OpId::random());
    let committed = store.commit(commit).await?;
    Ok(matches!(committed, Committed::Stored { .. }))
}

async fn lease(store: &SharedTokenStore, held: &str) -> Result<Lease, StoreError> {
    match store.try_lease(TTL).await {
        LeaseAttempt::Acquired(lease) => Ok(lease),
        LeaseAttempt::Held(_) => Err(StoreError::new(StoreErrorKind::LockTimeout, held)),
        LeaseAttempt::Unavailable(error) => Err(error),
    }
}

/// Whether nothing can be moved between the two, because there is one place only.
fn is_one_place(from: &ChosenStore, to: &ChosenStore) -> bool {
    match (from.path(), to.path()) {
        (None, None) => from.kind() == to.kind() && *from.kind() != StoreKind::Memory,
        (from, to) => from == to,
    }
}

/// The lease of a file is the same whatever its form.
async fn in_place(from: &ChosenStore, to: &ChosenStore) -> Result<Migrated, StoreError> {
    if from.kind() == to.kind() {
        let is_there = to.store().load().await?.record.is_some();
        return Ok(if is_there {
            Migrated::Moved
        } else {
            Migrated::Nothing
        });
    }
    let (Some(path), Some(old), Some(new)) = (to.path(), form(from), form(to)) else {
        return Ok(Migrated::Nothing);
    };
    let (path, binding) = (path.to_owned(), to.binding().clone());
    blocking(move || convert(&path, &binding, old, new)).await??;
    match to.store().load().await?.record {
        Some(_) => Ok(Migrated::Moved),
        None => Ok(Migrated::Nothing),
    }
}

fn form(store: &ChosenStore) -> Option<Form> {
    match store.kind() {
        StoreKind::File => Some(Form::Plain),
        StoreKind::Encrypted => Some(Form::Encrypted(store.key()?.key_set())),
        StoreKind::Memory | StoreKind::Keyring | StoreKind::Redis(_) => None,
    }
}
