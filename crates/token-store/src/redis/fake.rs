//! A server in memory that does what the scripts do, on tokio's clock, and fails when told to.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use redis::Value;
use tokio::sync::watch;
use tokio::time::Instant;

use super::call::{Acquire, Call, Swap, operation};
use super::codec::Codec;
use super::note;
use super::server::Server;
use super::shared::{Shared, WaitFor, tell};
use super::store::Protocol;
use crate::{Binding, Key, KeySet, Sealer, StoreError, StoreErrorKind};

/// One connection to the server; a clone is another.
#[derive(Debug)]
pub(crate) struct Fake {
    pub(crate) state: Arc<Mutex<State>>,
    told: watch::Sender<u64>,
}

#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) faults: VecDeque<Fault>,
    /// Whether published messages are lost.
    pub(crate) is_mute: bool,
    /// How many replicas have everything.
    pub(crate) replicas: i64,
    pub(crate) record: Kept,
    lease: Option<(String, Instant)>,
    listeners: Vec<watch::Sender<u64>>,
}

/// The hash of the real server.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kept {
    pub(crate) generation: u64,
    operations: Vec<(u128, u64)>,
    value: Option<Vec<u8>>,
    fence: u64,
    last_fence: u64,
    note: Option<String>,
    sent: Option<u64>,
}

/// What happens to the next question that is no renewal.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault {
    /// It does not arrive.
    Lost,
    /// It is worked on, and the answer does not arrive.
    AnswerLost,
}

impl Fake {
    pub(crate) fn new() -> Self {
        let state = Arc::<Mutex<State>>::default();
        Self::connected(state)
    }

    pub(crate) fn another(&self) -> Self {
        Self::connected(Arc::clone(&self.state))
    }

    fn connected(state: Arc<Mutex<State>>) -> Self {
        let told = watch::Sender::new(0);
        state.lock().unwrap().listeners.push(told.clone());
        Self { state, told }
    }

    /// A store over this connection.
    pub(crate) fn store(self) -> Protocol<Self> {
        self.store_that_waits(None)
    }

    /// A store that waits for replicas.
    pub(crate) fn store_that_waits(self, wait: Option<WaitFor>) -> Protocol<Self> {
        let binding = Binding::new("https://amp.example/api", "alice").unwrap();
        let keys = KeySet::new(Key::new(zeroize::Zeroizing::new([7; 32])));
        let codec = Codec::new(Sealer::new(keys, &binding));
        Protocol {
            shared: Arc::new(Shared::new(self, codec, wait)),
        }
    }
}

impl Server for Fake {
    async fn call(&self, call: &Call) -> Result<Value, StoreError> {
        tokio::task::yield_now().await;
        let mut state = self.state.lock().unwrap();
        let spared = matches!(call, Call::Renew { .. });
        let fault = if spared {
            None
        } else {
            state.faults.pop_front()
        };
        let lost = || StoreError::new(StoreErrorKind::Unavailable, "the connection broke");
        if matches!(fault, Some(Fault::Lost)) {
            return Err(lost());
        }
        let answer = state.answer(call);
        fault.map_or(Ok(answer), |_| Err(lost()))
    }

    fn told(&self) -> &watch::Sender<u64> {
        &self.told
    }
}

impl State {
    /// As if the time of the lease were over.
    pub(crate) fn end_lease(&mut self) {
        self.lease = None;
    }

    fn answer(&mut self, call: &Call) -> Value {
        if self
            .lease
            .as_ref()
            .is_some_and(|(_, end)| *end <= Instant::now())
        {
            self.lease = None;
        }
        match call {
            Call::Time => Value::Array(vec![text("0".to_owned()); 2]),
            Call::Load => Value::Array(vec![
                text(self.record.generation.to_string()),
                self.record.operations_text(),
                self.record.value(),
            ]),
            Call::Acquire(acquire) => self.acquire(acquire),
            Call::Renew { holder, ttl } => {
                let ours = self.is_held_by(holder);
                if ours {
                    self.lease = Some((holder.clone(), Instant::now() + *ttl));
                }
                Value::Int(ours.into())
            }
            Call::Mark { holder, ttl, basis } => {
                let ours = self.is_held_by(holder);
                if ours {
                    self.record.sent = Some(basis.number());
                    self.lease = Some((holder.clone(), Instant::now() + *ttl));
                }
                Value::Int(ours.into())
            }
            Call::Note { holder, note } => {
                let ours = self.is_held_by(holder);
                if ours {
                    self.record.note = note.as_ref().map(note::encode);
                }
                Value::Int(ours.into())
            }
            Call::Release { holder, keep_mark } => {
                let ours = self.is_held_by(holder);
                if ours {
                    self.lease = None;
                    self.record.sent = self.record.sent.filter(|_| *keep_mark);
                }
                Value::Int(ours.into())
            }
            Call::Swap(swap) => self.swap(swap),
            Call::Wait { .. } => Value::Int(self.replicas),
        }
    }

    fn is_held_by(&self, holder: &str) -> bool {
        self.lease.as_ref().is_some_and(|(held, _)| held == holder)
    }

    fn acquire(&mut self, acquire: &Acquire) -> Value {
        let note = self.record.note.clone().map_or(Value::Nil, text);
        if let Some((holder, _)) = &self.lease {
            let owner = holder.split(':').next().unwrap();
            if owner != acquire.owner && owner != acquire.abandoned {
                return Value::Array(vec![Value::Int(0), text(String::new()), note]);
            }
        }
        let fence = self.record.last_fence.max(acquire.above) + 1;
        self.record.last_fence = fence;
        let holder = format!("{}:{fence}", acquire.owner);
        self.lease = Some((holder, Instant::now() + acquire.ttl));
        let sent = self
            .record
            .sent
            .map_or(Value::Nil, |sent| text(sent.to_string()));
        Value::Array(vec![Value::Int(1), text(fence.to_string()), note, sent])
    }

    fn swap(&mut self, swap: &Swap) -> Value {
        let record = &mut self.record;
        let op_id = swap.op_id.name();
        if let Some((_, made)) = record.operations.iter().find(|(name, _)| *name == op_id) {
            return Value::Array(vec![Value::Int(2), text(made.to_string())]);
        }
        let newest = record.operations.first().map(|(name, _)| *name);
        let other = swap
            .made_by
            .is_some_and(|made_by| Some(made_by.name()) != newest);
        let refusal = if record.generation != swap.base.number() || other {
            Some(0)
        } else if swap.fence > 0 && swap.fence < record.fence {
            Some(-1)
        } else {
            None
        };
        if let Some(code) = refusal {
            let newest = newest.map(|name| operation(crate::OpId::new(name)));
            return Value::Array(vec![
                Value::Int(code),
                text(record.generation.to_string()),
                text(newest.unwrap_or_default()),
                record.value(),
            ]);
        }
        record.generation = swap.next.number();
        record.operations.insert(0, (op_id, record.generation));
        record.operations.truncate(16);
        record.fence = record.fence.max(swap.fence);
        record.value = swap.value.as_ref().map(|(value, _)| value.clone());
        let generation = record.generation;
        if !self.is_mute {
            self.listeners
                .iter()
                .for_each(|told| tell(told, generation));
        }
        Value::Array(vec![Value::Int(1), text(generation.to_string())])
    }
}

impl Kept {
    /// As if somebody had copied the value from another state of the server.
    pub(crate) fn take_value_of(&mut self, other: &Self) {
        self.value = other.value.clone();
    }

    fn value(&self) -> Value {
        self.value.clone().map_or(Value::Nil, Value::BulkString)
    }

    fn operations_text(&self) -> Value {
        let each = self.operations.iter().map(|(name, made)| {
            let name = operation(crate::OpId::new(*name));
            format!("{name}:{made},")
        });
        let all: String = each.collect();
        if all.is_empty() {
            Value::Nil
        } else {
            text(all)
        }
    }
}

fn text(text: impl Into<String>) -> Value {
    Value::BulkString(text.into().into_bytes())
}
