//! The newest record this handle has seen, and what to do with a server that forgot it.
//!
//! A server that was wiped, or a replica that took over before it had everything, offers an older
//! generation. It is not adopted: what this handle knows is stored again, above everything that
//! anybody here has seen.

use crate::redis::reply::Seen;
use crate::{Generation, Loaded, OpId, Record};

/// The newest that was seen. A generation alone does not name it: after a loss, the same number
/// can be given twice.
#[derive(Clone, Debug, Default)]
pub(crate) struct Floor {
    pub(crate) generation: Generation,
    pub(crate) made_by: Option<OpId>,
    pub(crate) record: Option<Record>,
}

/// How what the server has stands to the floor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// The very one.
    Same,
    /// A later one.
    Newer,
    /// The server lost what was seen.
    Behind,
}

impl Floor {
    pub(crate) fn judge(&self, seen: &Seen) -> Standing {
        if seen.generation > self.generation {
            Standing::Newer
        } else if seen.generation == self.generation && seen.made_by == self.made_by {
            Standing::Same
        } else {
            Standing::Behind
        }
    }

    /// Which record is stored again, where the server is behind and has `theirs`: the one that
    /// ends later. A clear that the server forgot stays a clear, unless somebody stored after it.
    pub(crate) fn survivor(&self, seen: Generation, theirs: Option<Record>) -> Option<Record> {
        let Some(ours) = &self.record else {
            return theirs.filter(|_| seen == self.generation);
        };
        let ends = |record: &Record| record.token.expires_at();
        let later = theirs.filter(|theirs| ends(theirs) > ends(ours));
        Some(later.unwrap_or_else(|| ours.clone()))
    }

    pub(crate) fn loaded(&self) -> Loaded {
        Loaded::new(self.record.clone(), self.generation)
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use token_core::{AccessToken, TokenData};

    use super::*;

    fn record(text: &str, lifetime: u64) -> Record {
        let token = AccessToken::new(text).unwrap();
        let lifetime = Duration::from_secs(lifetime);
        Record::new(TokenData::with_lifetime(
            token,
            SystemTime::UNIX_EPOCH,
            lifetime,
        ))
    }

    fn seen(generation: u64, operation: u128) -> Seen {
        Seen {
            generation: Generation::new(generation),
            made_by: (operation > 0).then(|| OpId::new(operation)),
            value: None,
        }
    }

    #[test]
    fn a_generation_counts_only_with_the_operation_that_made_it() {
        let floor = Floor {
            generation: Generation::new(5),
            made_by: Some(OpId::new(7)),
            record: None,
        };
        let cases = [
            (seen(5, 7), Standing::Same),
            (seen(6, 8), Standing::Newer),
            (seen(5, 8), Standing::Behind),
            (seen(4, 7), Standing::Behind),
            (seen(0, 0), Standing::Behind),
        ];
        for (seen, expected) in cases {
            assert_eq!(floor.judge(&seen), expected, "{seen:?}");
        }
        assert_eq!(Floor::default().judge(&seen(0, 0)), Standing::Same);
    }

    #[test]
    fn what_ends_later_is_stored_again_and_a_clear_stays_a_clear() {
        let (short, long) = (record("short", 10), record("long", 20));
        let floor = |record: Option<&Record>| Floor {
            generation: Generation::new(5),
            made_by: Some(OpId::new(1)),
            record: record.cloned(),
        };
        let (older, same) = (Generation::new(4), Generation::new(5));
        let cases = [
            (floor(Some(&long)), older, None, Some(&long)),
            (floor(Some(&long)), older, Some(&short), Some(&long)),
            (floor(Some(&short)), same, Some(&long), Some(&long)),
            (floor(Some(&short)), older, Some(&short), Some(&short)),
            (floor(None), older, Some(&long), None),
            (floor(None), same, Some(&long), Some(&long)),
            (floor(None), older, None, None),
        ];
        for (floor, seen, theirs, expected) in cases {
            assert_eq!(floor.survivor(seen, theirs.cloned()).as_ref(), expected);
        }
    }
}
