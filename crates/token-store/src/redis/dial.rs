//! From an address to a connection that speaks the protocol and hears of new generations.

use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{
    AsyncConnectionConfig, ProtocolVersion, PushInfo, PushKind, RedisConnectionInfo, Value,
};
use secrecy::ExposeSecret;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::watch;

use super::refusal;
use super::shared::tell;
use crate::redis_url::Place;
use crate::{RedisUrl, StoreError, StoreErrorKind};

/// All that is needed to connect.
#[derive(Debug)]
pub(crate) struct Dialer {
    pub(crate) url: RedisUrl,
    pub(crate) allow_plain_text: bool,
    pub(crate) channel: String,
    pub(crate) response_timeout: Duration,
    pub(crate) told: watch::Sender<u64>,
    #[cfg(feature = "redis-tls")]
    pub(crate) tls: super::tls::Tls,
}

impl Dialer {
    /// Connects, logs in and subscribes.
    pub(crate) async fn dial(&self) -> Result<MultiplexedConnection, StoreError> {
        match &self.url.place {
            #[cfg(unix)]
            Place::Unix(path) => {
                let stream = tokio::net::UnixStream::connect(path).await;
                self.greet(stream.map_err(|error| refusal::of_io(&error))?)
                    .await
            }
            Place::Tcp { host, port } => {
                let stream = tcp(host, *port).await?;
                let peer = stream.peer_addr();
                let is_here = peer.is_ok_and(|peer| peer.ip().is_loopback());
                if !self.allow_plain_text && !is_here {
                    let reason =
                        "the Redis server is on another host and would be spoken to without TLS";
                    return Err(StoreError::new(StoreErrorKind::Denied, reason));
                }
                self.greet(stream).await
            }
            #[cfg(feature = "redis-tls")]
            Place::Tls { host, port } => {
                let stream = tcp(host, *port).await?;
                self.greet(self.tls.shake_hands(host, stream).await?).await
            }
            // No store is opened at such an address then.
            #[cfg(not(feature = "redis-tls"))]
            Place::Tls { .. } => {
                let reason = "this build has no TLS to Redis";
                Err(StoreError::new(StoreErrorKind::Unavailable, reason))
            }
        }
    }

    async fn greet<C>(&self, stream: C) -> Result<MultiplexedConnection, StoreError>
    where
        C: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let refused = |error| refusal::of_redis(&error);
        let told = self.told.clone();
        let config = AsyncConnectionConfig::new()
            .set_response_timeout(Some(self.response_timeout))
            .set_push_sender(move |push| hear(&told, &push));
        let login = self.login();
        let greeting = MultiplexedConnection::new_with_config(&login, stream, config);
        let (mut connection, driver) = greeting.await.map_err(refused)?;
        // Ends with the last clone of the connection.
        tokio::spawn(driver);
        connection.subscribe(&self.channel).await.map_err(refused)?;
        Ok(connection)
    }

    /// RESP3 brings answers and published messages over one connection.
    fn login(&self) -> RedisConnectionInfo {
        let mut login = RedisConnectionInfo::default()
            .set_protocol(ProtocolVersion::RESP3)
            .set_db(self.url.database.into())
            .set_skip_set_lib_name();
        if let Some(user) = &self.url.user {
            login = login.set_username(user.expose_secret());
        }
        if let Some(password) = &self.url.password {
            login = login.set_password(password.expose_secret());
        }
        login
    }
}

async fn tcp(host: &str, port: u16) -> Result<TcpStream, StoreError> {
    let stream = TcpStream::connect((host, port)).await;
    let stream = stream.map_err(|error| refusal::of_io(&error))?;
    // Only a hint: without it, an answer comes a little later.
    let _ = stream.set_nodelay(true);
    Ok(stream)
}

/// Takes the number out of a published message; anything else is not for us.
fn hear(told: &watch::Sender<u64>, push: &PushInfo) -> Result<(), redis::aio::SendError> {
    if push.kind == PushKind::Message
        && let Some(Value::BulkString(payload)) = push.data.get(1)
        && let Ok(payload) = std::str::from_utf8(payload)
        && let Ok(generation) = payload.parse()
    {
        tell(told, generation);
    }
    Ok(())
}
