//! The server's answers, read strictly: a server is outside, and anything may come from there.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use redis::Value;

use crate::redis::note;
use crate::{FailureNote, Fence, Generation, OpId, StoreError, StoreErrorKind};

/// What the server has.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) generation: Generation,
    /// The operation that made it.
    pub(crate) made_by: Option<OpId>,
    /// The sealed record.
    pub(crate) value: Option<Vec<u8>>,
}

impl Seen {
    /// Whether nothing was ever stored, as far as the server knows.
    pub(crate) fn is_empty(&self) -> bool {
        self.generation == Generation::ZERO && self.made_by.is_none()
    }
}

impl std::fmt::Debug for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Seen")
            .field("generation", &self.generation)
            .field("value", &self.value.as_ref().map(Vec::len))
            .finish_non_exhaustive()
    }
}

/// The answer to a request for the lease.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Acquired {
    Granted {
        fence: Fence,
        note: Option<FailureNote>,
        sent: Option<Generation>,
    },
    Held(Option<FailureNote>),
}

/// The answer to a compare-and-swap.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Swapped {
    /// It was made, now or by the same operation before.
    Made(Generation),
    /// Another generation is there, or one that was made by another operation.
    Conflict(Seen),
    /// Somebody with a later lease has committed.
    Fenced(Seen),
}

/// The answer to [`Load`](super::call::Call::Load): generation, operations, value.
pub(crate) fn seen(reply: Value) -> Result<Seen, StoreError> {
    let [generation, operations, value] = list(reply)?;
    let newest = match text(&operations)? {
        Some(operations) => Some(operations.get(..32).ok_or_else(garbled)?.to_owned()),
        None => None,
    };
    seen_from(number(&generation)?, newest.as_deref(), value)
}

/// The answer to [`Time`](super::call::Call::Time): seconds and microseconds.
pub(crate) fn time(reply: Value) -> Result<SystemTime, StoreError> {
    let [seconds, micros] = list(reply)?;
    let seconds = Duration::from_secs(number(&seconds)?.number());
    let micros = Duration::from_micros(number(&micros)?.number());
    let since = seconds.checked_add(micros).ok_or_else(garbled)?;
    UNIX_EPOCH.checked_add(since).ok_or_else(garbled)
}

pub(crate) fn acquired(reply: Value) -> Result<Acquired, StoreError> {
    let mut parts = parts(reply)?;
    let (code, fence, note) = (next(&mut parts)?, next(&mut parts)?, next(&mut parts)?);
    let note = bytes(&note)?.and_then(note::decode);
    match integer(&code)? {
        0 => Ok(Acquired::Held(note)),
        1 => {
            let sent = match next(&mut parts)? {
                Value::Nil => None,
                sent => Some(number(&sent)?),
            };
            Ok(Acquired::Granted {
                fence: Fence::new(number(&fence)?.number()),
                note,
                sent,
            })
        }
        _ => Err(garbled()),
    }
}

pub(crate) fn swapped(reply: Value) -> Result<Swapped, StoreError> {
    let mut parts = parts(reply)?;
    let code = integer(&next(&mut parts)?)?;
    let generation = number(&next(&mut parts)?)?;
    if code == 1 || code == 2 {
        return Ok(Swapped::Made(generation));
    }
    let newest = next(&mut parts)?;
    let newest = text(&newest)?.filter(|newest| !newest.is_empty());
    let seen = seen_from(generation, newest, next(&mut parts)?)?;
    match code {
        0 => Ok(Swapped::Conflict(seen)),
        -1 => Ok(Swapped::Fenced(seen)),
        _ => Err(garbled()),
    }
}

/// Whether the lease was still the holder's.
pub(crate) fn is_ours(reply: &Value) -> Result<bool, StoreError> {
    match integer(reply)? {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(garbled()),
    }
}

/// How many replicas answered.
pub(crate) fn replicas(reply: &Value) -> Result<u64, StoreError> {
    u64::try_from(integer(reply)?).map_err(|_| garbled())
}

fn seen_from(
    generation: Generation,
    newest: Option<&str>,
    value: Value,
) -> Result<Seen, StoreError> {
    let made_by = match newest {
        Some(text) => Some(operation(text).ok_or_else(garbled)?),
        None => None,
    };
    let value = match value {
        Value::Nil => None,
        Value::BulkString(value) => Some(value),
        _ => return Err(garbled()),
    };
    Ok(Seen {
        generation,
        made_by,
        value,
    })
}

fn operation(text: &str) -> Option<OpId> {
    let digits = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let name = u128::from_str_radix(text, 16).ok()?;
    digits.then_some(OpId::new(name))
}

fn parts(reply: Value) -> Result<std::vec::IntoIter<Value>, StoreError> {
    match reply {
        Value::Array(parts) => Ok(parts.into_iter()),
        _ => Err(garbled()),
    }
}

fn next(parts: &mut std::vec::IntoIter<Value>) -> Result<Value, StoreError> {
    parts.next().ok_or_else(garbled)
}

fn list<const N: usize>(reply: Value) -> Result<[Value; N], StoreError> {
    let parts: Vec<_> = parts(reply)?.collect();
    parts.try_into().map_err(|_| garbled())
}

fn bytes(value: &Value) -> Result<Option<&[u8]>, StoreError> {
    match value {
        Value::Nil => Ok(None),
        Value::BulkString(bytes) => Ok(Some(bytes)),
        _ => Err(garbled()),
    }
}

fn text(value: &Value) -> Result<Option<&str>, StoreError> {
    let text = bytes(value)?.map(std::str::from_utf8);
    text.transpose().map_err(|_| garbled())
}

/// A number that is kept as text; nothing is zero.
fn number(value: &Value) -> Result<Generation, StoreError> {
    let number = match text(value)? {
        None => 0,
        Some(text) => text.parse().map_err(|_| garbled())?,
    };
    Ok(Generation::new(number))
}

fn integer(value: &Value) -> Result<i64, StoreError> {
    match value {
        Value::Int(number) => Ok(*number),
        _ => Err(garbled()),
    }
}

fn garbled() -> StoreError {
    let reason = "the Redis server's answer is not one of this protocol";
    StoreError::new(StoreErrorKind::Io, reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "000102030405060708090a0b0c0d0e0f";

    fn text(text: &str) -> Value {
        Value::BulkString(text.as_bytes().to_vec())
    }

    fn array(parts: &[Value]) -> Value {
        Value::Array(parts.to_vec())
    }

    fn seen_with(generation: u64, value: Option<&str>) -> Seen {
        Seen {
            generation: Generation::new(generation),
            made_by: Some(OpId::new(0x0001_0203_0405_0607_0809_0a0b_0c0d_0e0f)),
            value: value.map(|value| value.as_bytes().to_vec()),
        }
    }

    #[test]
    fn the_time_of_the_server_is_read_and_one_beyond_all_time_is_garbled() {
        let read = |seconds, micros| time(array(&[text(seconds), text(micros)]));
        let expected = UNIX_EPOCH + Duration::from_micros(1_800_000_000_000_007);
        assert_eq!(read("1800000000", "7").unwrap(), expected);
        let most = u64::MAX.to_string();
        for answer in [
            read(&most, &most),
            read("-1", "0"),
            time(array(&[text("1")])),
            time(Value::Int(1)),
        ] {
            assert_eq!(answer.unwrap_err().kind(), StoreErrorKind::Io);
        }
    }

    #[test]
    fn what_is_stored_is_read_with_the_newest_operation() {
        let operations = text(&format!("{NAME}:7,{}:6,", "f".repeat(32)));
        let full = array(&[text("7"), operations.clone(), text("sealed")]);
        assert_eq!(seen(full).unwrap(), seen_with(7, Some("sealed")));
        let cleared = array(&[text("7"), operations, Value::Nil]);
        assert_eq!(seen(cleared).unwrap(), seen_with(7, None));
        let nothing = seen(array(&[Value::Nil, Value::Nil, Value::Nil])).unwrap();
        assert_eq!(
            (nothing.generation, nothing.made_by),
            (Generation::ZERO, None)
        );
    }

    #[test]
    fn a_lease_is_granted_or_held() {
        let tag = "07".repeat(16);
        let note_text = format!("r:1800000000123:{tag}");
        let note = note::decode(note_text.as_bytes());
        assert!(note.is_some());
        let granted = |note, sent| array(&[Value::Int(1), text("9"), note, sent]);
        let fence = Fence::new(9);
        let cases = [
            (
                array(&[Value::Int(0), text(""), Value::Nil]),
                Acquired::Held(None),
            ),
            (
                array(&[Value::Int(0), text(""), text(&note_text)]),
                Acquired::Held(note),
            ),
            (
                array(&[Value::Int(0), text(""), text("odd")]),
                Acquired::Held(None),
            ),
            (
                granted(text(&note_text), text("4")),
                Acquired::Granted {
                    fence,
                    note,
                    sent: Some(Generation::new(4)),
                },
            ),
            (
                granted(Value::Nil, Value::Nil),
                Acquired::Granted {
                    fence,
                    note: None,
                    sent: None,
                },
            ),
        ];
        for (reply, expected) in cases {
            assert_eq!(acquired(reply).unwrap(), expected);
        }
    }

    #[test]
    fn a_swap_is_made_refused_or_fenced() {
        let refused = |code| array(&[Value::Int(code), text("7"), text(NAME), text("sealed")]);
        let made = |code| array(&[Value::Int(code), text("8")]);
        let eight = Generation::new(8);
        assert_eq!(swapped(made(1)).unwrap(), Swapped::Made(eight));
        assert_eq!(swapped(made(2)).unwrap(), Swapped::Made(eight));
        let seen = seen_with(7, Some("sealed"));
        assert_eq!(
            swapped(refused(0)).unwrap(),
            Swapped::Conflict(seen.clone())
        );
        assert_eq!(swapped(refused(-1)).unwrap(), Swapped::Fenced(seen));
        let empty = array(&[Value::Int(0), text("0"), text(""), Value::Nil]);
        let Swapped::Conflict(empty) = swapped(empty).unwrap() else {
            panic!("a refusal");
        };
        assert_eq!((empty.made_by, empty.value), (None, None));
    }

    #[test]
    fn whatever_else_a_server_sends_is_an_error_and_is_not_repeated() {
        let odd = [
            Value::Nil,
            Value::Int(7),
            text("hunter2"),
            array(&[]),
            array(&[text("hunter2")]),
            array(&[Value::Int(3), text("1"), text(NAME), Value::Nil]),
            array(&[Value::Int(1), text("-1"), Value::Nil, Value::Nil]),
            array(&[
                Value::Int(1),
                text("18446744073709551616"),
                Value::Nil,
                Value::Nil,
            ]),
            array(&[Value::Int(1), Value::Okay, Value::Int(1), Value::Int(1)]),
            array(&[text("1"), text("hunter2"), text("sealed")]),
            array(&[text("1"), Value::BulkString(vec![0xff; 40]), Value::Nil]),
            array(&[text("1"), text(&"g".repeat(40)), Value::Nil]),
            array(&[text("1"), text(&format!("{NAME}:1,")), Value::Int(1)]),
        ];
        for reply in odd {
            let errors = [
                seen(reply.clone()).err(),
                acquired(reply.clone()).err(),
                swapped(reply.clone()).err(),
            ];
            let shown = format!("{errors:?}");
            assert!(errors.iter().all(Option::is_some), "{reply:?}: {shown}");
            assert!(!shown.contains("hunter2"), "{shown}");
        }
        assert!(is_ours(&Value::Int(2)).is_err());
        assert!(is_ours(&text("1")).is_err());
        assert!(replicas(&Value::Int(-1)).is_err());
    }
}
