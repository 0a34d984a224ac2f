//! A real server: one connection that is made when it is needed, and made again.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{RedisError, Value};
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::time::Instant;

use super::call::Call;
use super::dial::Dialer;
use super::keys::Keys;
use super::probe::pause_before;
use super::refusal;
use super::scripts::Scripts;
use super::server::Server;
use crate::{StoreError, StoreErrorKind};

/// Asks over one connection. While the server is away, questions fail at once, and one connection
/// is tried from time to time.
#[derive(Debug)]
pub(crate) struct Remote {
    dialer: Arc<Dialer>,
    connect_timeout: Duration,
    keys: Keys,
    retention: Duration,
    scripts: Scripts,
    line: Arc<watch::Sender<Line>>,
    dials: AtomicU64,
}

/// The connection, or what is instead of it.
#[derive(Clone)]
enum Line {
    Idle,
    Dialing,
    Up(Connection),
    /// Nobody asks before `until`.
    Down {
        until: Instant,
        failures: u32,
        why: StoreError,
    },
}

#[derive(Clone)]
struct Connection {
    number: u64,
    client: MultiplexedConnection,
}

impl std::fmt::Debug for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Idle => "Idle",
            Self::Dialing => "Dialing",
            Self::Up(_) => "Up",
            Self::Down { .. } => "Down",
        })
    }
}

impl Remote {
    pub(crate) fn new(
        dialer: Dialer,
        connect_timeout: Duration,
        keys: Keys,
        retention: Duration,
        scripts: Scripts,
    ) -> Self {
        Self {
            dialer: Arc::new(dialer),
            connect_timeout,
            keys,
            retention,
            scripts,
            line: Arc::new(watch::Sender::new(Line::Idle)),
            dials: AtomicU64::new(0),
        }
    }

    /// The connection; waits for whoever is making one.
    async fn connection(&self) -> Result<Connection, StoreError> {
        let mut line = self.line.subscribe();
        loop {
            self.dial_if_due()?;
            let found = line.borrow_and_update().clone();
            match found {
                Line::Up(connection) => return Ok(connection),
                Line::Down { why, .. } => return Err(why),
                Line::Idle | Line::Dialing => {}
            }
            // The sender lives as long as `self`, so waiting cannot fail.
            let _ = line.changed().await;
        }
    }

    /// Starts to connect where nobody does and it is time. The attempt outlives its caller.
    fn dial_if_due(&self) -> Result<(), StoreError> {
        let Ok(runtime) = Handle::try_current() else {
            let reason = "Redis can only be asked inside a tokio runtime";
            return Err(StoreError::new(StoreErrorKind::Unavailable, reason));
        };
        let now = Instant::now();
        let mut due = None;
        self.line.send_if_modified(|line| {
            due = match line {
                Line::Idle => Some(0),
                Line::Down {
                    until, failures, ..
                } if *until <= now => Some(*failures),
                _ => None,
            };
            if due.is_some() {
                *line = Line::Dialing;
            }
            due.is_some()
        });
        if let Some(failures) = due {
            let attempt = Attempt {
                line: Arc::clone(&self.line),
                number: self.dials.fetch_add(1, Ordering::Relaxed),
                failures,
            };
            let dialer = Arc::clone(&self.dialer);
            runtime.spawn(attempt.make(dialer, self.connect_timeout));
        }
        Ok(())
    }

    /// A silent server is left alone for a while; a broken connection is made again at once.
    fn lose(&self, number: u64, error: &RedisError) {
        self.line.send_if_modified(|line| {
            let is_this = matches!(line, Line::Up(connection) if connection.number == number);
            if is_this && error.is_timeout() {
                *line = Line::down(1, refusal::of_redis(error));
            } else if is_this {
                *line = Line::Idle;
            }
            is_this
        });
    }
}

impl Server for Remote {
    /// Asks a second time where the connection broke: it may have been broken for long, and every
    /// question may be asked again.
    async fn call(&self, call: &Call) -> Result<Value, StoreError> {
        let encoded = call.encode(&self.keys, self.retention);
        let mut is_second = false;
        loop {
            let mut connection = self.connection().await?;
            let asked = self.scripts.run(&mut connection.client, &encoded).await;
            let error = match asked {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            let broken = refusal::ends_connection(&error);
            if broken {
                self.lose(connection.number, &error);
            }
            if is_second || !broken || error.is_timeout() {
                return Err(refusal::of_redis(&error));
            }
            is_second = true;
        }
    }

    fn told(&self) -> &watch::Sender<u64> {
        &self.dialer.told
    }
}

impl Line {
    fn down(failures: u32, why: StoreError) -> Self {
        let draw = getrandom::u32().unwrap_or(u32::MAX);
        Self::Down {
            until: Instant::now() + pause_before(failures, draw),
            failures,
            why,
        }
    }
}

/// One try to connect. If its task dies with its runtime, the next caller tries anew.
struct Attempt {
    line: Arc<watch::Sender<Line>>,
    number: u64,
    failures: u32,
}

impl Attempt {
    async fn make(self, dialer: Arc<Dialer>, at_most: Duration) {
        let dialed = tokio::time::timeout(at_most, dialer.dial()).await;
        let dialed = dialed.unwrap_or_else(|_| {
            let reason = "the Redis server did not answer in time";
            Err(StoreError::new(StoreErrorKind::Unavailable, reason))
        });
        let number = self.number;
        self.line.send_replace(match dialed {
            Ok(client) => Line::Up(Connection { number, client }),
            Err(why) => {
                tracing::debug!(error = %why, "no connection to Redis");
                Line::down(self.failures.saturating_add(1), why)
            }
        });
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        self.line.send_if_modified(|line| {
            let unfinished = matches!(line, Line::Dialing);
            if unfinished {
                *line = Line::Idle;
            }
            unfinished
        });
    }
}
