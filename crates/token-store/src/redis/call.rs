//! The questions to the server, as values.

use std::time::{Duration, SystemTime};

use crate::redis::keys::Keys;
use crate::redis::note;
use crate::{FailureNote, Generation, OpId};

/// One question. Asking any of them again is the same as asking once.
#[derive(Clone, Debug)]
pub(crate) enum Call {
    /// What is stored.
    Load,
    Acquire(Acquire),
    /// The lease for another `ttl`.
    Renew {
        holder: String,
        ttl: Duration,
    },
    /// A request that spends the refresh token of `basis` is about to be sent.
    Mark {
        holder: String,
        ttl: Duration,
        basis: Generation,
    },
    Note {
        holder: String,
        note: Option<FailureNote>,
    },
    Release {
        holder: String,
        keep_mark: bool,
    },
    Swap(Swap),
    /// What its clock says.
    Time,
    /// How many replicas have what was written before.
    Wait {
        replicas: u8,
        at_most: Duration,
    },
}

#[derive(Clone, Debug)]
pub(crate) struct Acquire {
    pub(crate) owner: String,
    /// An earlier owner of ours whose answer never came.
    pub(crate) abandoned: String,
    pub(crate) ttl: Duration,
    /// The fence is higher than this one.
    pub(crate) above: u64,
}

/// A compare-and-swap: from the base, if it is still there, to the next generation.
#[derive(Clone, Debug)]
pub(crate) struct Swap {
    pub(crate) base: Generation,
    /// The operation that made the base; `None` where any may have.
    pub(crate) made_by: Option<OpId>,
    pub(crate) next: Generation,
    pub(crate) op_id: OpId,
    pub(crate) fence: u64,
    /// The sealed record and the end of its token; `None` clears.
    pub(crate) value: Option<(Vec<u8>, SystemTime)>,
}

/// A call as the server takes it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Encoded<'a> {
    pub(crate) what: What,
    pub(crate) keys: Vec<&'a str>,
    pub(crate) arguments: Vec<Vec<u8>>,
}

/// A plain command, or one of the scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Hmget,
    Time,
    Wait,
    Acquire,
    Renew,
    Mark,
    Note,
    Release,
    Swap,
}

impl Call {
    /// `retention` is how long a record is kept after its token has ended.
    pub(crate) fn encode<'a>(&self, keys: &'a Keys, retention: Duration) -> Encoded<'a> {
        let both = || vec![keys.record.as_str(), keys.lease.as_str()];
        let encoded = |what, keys, arguments| Encoded {
            what,
            keys,
            arguments,
        };
        match self {
            Self::Load => {
                let fields = ["g", "ops", "v"].map(bytes).to_vec();
                encoded(What::Hmget, vec![keys.record.as_str()], fields)
            }
            Self::Acquire(acquire) => {
                let arguments = vec![
                    bytes(&acquire.owner),
                    millis(acquire.ttl),
                    bytes(acquire.above.to_string()),
                    millis(retention),
                    bytes(&acquire.abandoned),
                ];
                encoded(What::Acquire, both(), arguments)
            }
            Self::Renew { holder, ttl } => {
                let arguments = vec![bytes(holder), millis(*ttl)];
                encoded(What::Renew, vec![keys.lease.as_str()], arguments)
            }
            Self::Mark { holder, ttl, basis } => {
                let arguments = vec![bytes(holder), millis(*ttl), bytes(basis.to_string())];
                encoded(What::Mark, both(), arguments)
            }
            Self::Note { holder, note } => {
                let text = note.as_ref().map(note::encode).unwrap_or_default();
                encoded(What::Note, both(), vec![bytes(holder), bytes(text)])
            }
            Self::Release { holder, keep_mark } => {
                let keep = if *keep_mark { "1" } else { "0" };
                encoded(What::Release, both(), vec![bytes(holder), bytes(keep)])
            }
            Self::Swap(swap) => {
                let arguments = swap.arguments(&keys.channel, retention);
                encoded(What::Swap, vec![keys.record.as_str()], arguments)
            }
            Self::Time => encoded(What::Time, Vec::new(), Vec::new()),
            Self::Wait { replicas, at_most } => {
                let arguments = vec![bytes(replicas.to_string()), millis(*at_most)];
                encoded(What::Wait, Vec::new(), arguments)
            }
        }
    }
}

impl Swap {
    fn arguments(&self, channel: &str, retention: Duration) -> Vec<Vec<u8>> {
        let ends = self.value.as_ref().map(|(_, ends)| *ends);
        let since_1970 = |moment: SystemTime| {
            moment
                .duration_since(SystemTime::UNIX_EPOCH)
                .unwrap_or_default()
        };
        vec![
            bytes(self.base.to_string()),
            bytes(self.made_by.map(operation).unwrap_or_default()),
            bytes(self.next.to_string()),
            bytes(operation(self.op_id)),
            bytes(self.fence.to_string()),
            self.value
                .clone()
                .unwrap_or((Vec::new(), SystemTime::UNIX_EPOCH))
                .0,
            millis(ends.map(since_1970).unwrap_or_default()),
            millis(retention),
            bytes(channel),
        ]
    }
}

/// An operation's name as it is stored: 32 hexadecimal digits.
pub(crate) fn operation(op_id: OpId) -> String {
    format!("{:032x}", op_id.name())
}

fn bytes(text: impl AsRef<str>) -> Vec<u8> {
    text.as_ref().as_bytes().to_vec()
}

/// At least one: the server refuses a life of nothing.
fn millis(span: Duration) -> Vec<u8> {
    bytes(span.as_millis().max(1).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Binding;

    fn keys() -> Keys {
        Keys::new(&Binding::new("https://amp.example", "alice").unwrap()).unwrap()
    }

    fn arguments(call: &Call) -> Vec<String> {
        let keys = keys();
        let encoded = call.encode(&keys, Duration::from_secs(60));
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        encoded.arguments.into_iter().map(text).collect()
    }

    #[test]
    fn a_swap_names_its_base_its_operation_and_the_end_of_its_token() {
        let ends = SystemTime::UNIX_EPOCH + Duration::from_millis(1_800_000_000_123);
        let swap = Swap {
            base: Generation::new(4),
            made_by: Some(OpId::new(0xab)),
            next: Generation::new(5),
            op_id: OpId::new(0xcd),
            fence: 9,
            value: Some((b"sealed".to_vec(), ends)),
        };
        let (before, now) = (format!("{:032x}", 0xab), format!("{:032x}", 0xcd));
        let channel = keys().channel;
        let expected = [
            "4",
            &before,
            "5",
            &now,
            "9",
            "sealed",
            "1800000000123",
            "60000",
            &channel,
        ];
        assert_eq!(arguments(&Call::Swap(swap.clone())), expected);
        let clear = Swap {
            made_by: None,
            value: None,
            ..swap
        };
        let expected = ["4", "", "5", &now, "9", "", "1", "60000", &channel];
        assert_eq!(arguments(&Call::Swap(clear)), expected);
    }

    #[test]
    fn a_lease_lives_for_a_millisecond_at_least() {
        let acquire = Acquire {
            owner: "o".to_owned(),
            abandoned: String::new(),
            ttl: Duration::from_nanos(1),
            above: 3,
        };
        assert_eq!(
            arguments(&Call::Acquire(acquire)),
            ["o", "1", "3", "60000", ""]
        );
    }

    #[test]
    fn every_script_gets_the_keys_it_names_and_no_others() {
        let keys = keys();
        let holder = || "o:1".to_owned();
        let ttl = Duration::from_secs(1);
        let calls = [
            (Call::Load, vec![&keys.record]),
            (
                Call::Renew {
                    holder: holder(),
                    ttl,
                },
                vec![&keys.lease],
            ),
            (
                Call::Note {
                    holder: holder(),
                    note: None,
                },
                vec![&keys.record, &keys.lease],
            ),
            (
                Call::Release {
                    holder: holder(),
                    keep_mark: true,
                },
                vec![&keys.record, &keys.lease],
            ),
            (
                Call::Wait {
                    replicas: 1,
                    at_most: ttl,
                },
                vec![],
            ),
        ];
        for (call, expected) in calls {
            let encoded = call.encode(&keys, ttl);
            assert_eq!(encoded.keys, expected, "{call:?}");
        }
    }
}
