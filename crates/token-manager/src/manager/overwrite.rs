//! Changes of the store that count whatever others do meanwhile.

use token_store::{
    Change, Commit, Committed, Generation, OpId, SharedTokenStore, StoreError, StoreErrorKind,
    TokenStore,
};

use crate::patience::in_time;

/// How often a change is tried against a store that others change meanwhile.
const MAX_TRIES: u32 = 8;

/// Makes this change on top of whatever the store holds, for as long as it is `wanted`; `None`
/// when it is not any more.
pub(super) async fn overwrite(
    store: &SharedTokenStore,
    change: Change,
    wanted: impl Fn() -> bool,
) -> Result<Option<Generation>, StoreError> {
    let mut expected = in_time(store.load())
        .await
        .map_or(Generation::ZERO, |loaded| loaded.generation);
    for _ in 0..MAX_TRIES {
        if !wanted() {
            return Ok(None);
        }
        let commit = Commit::new(expected, change.clone(), OpId::random());
        match in_time(store.commit(commit)).await? {
            Committed::Stored { generation, .. } => return Ok(Some(generation)),
            Committed::Conflict(loaded) => expected = loaded.generation,
        }
    }
    let reason = "others kept changing the token meanwhile";
    Err(StoreError::new(StoreErrorKind::LockTimeout, reason))
}
