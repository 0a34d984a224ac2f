//! Where a Redis server is, who we are there, and whether it may be spoken to in the open.

use std::fmt;
use std::net::IpAddr;

use secrecy::{ExposeSecret, SecretString};
use url::{Host, Url};

/// The port of Redis and Valkey.
const DEFAULT_PORT: u16 = 6379;

/// The address of a Redis or Valkey server, and the login there. `Debug` and `Display` show neither
/// user nor password.
#[derive(Clone)]
pub struct RedisUrl {
    pub(crate) place: Place,
    pub(crate) user: Option<SecretString>,
    pub(crate) password: Option<SecretString>,
    pub(crate) database: u16,
}

/// How the server is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    #[cfg(unix)]
    Unix(std::path::PathBuf),
    Tcp {
        host: String,
        port: u16,
    },
    Tls {
        host: String,
        port: u16,
    },
}

/// Why no store can be made. No message repeats any part of the URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidRedisStore {
    /// It is no URL of the schemes `redis`, `rediss`, `valkey`, `valkeys`, `unix` or `redis+unix`.
    #[error("the Redis URL must begin with redis://, rediss:// or unix://")]
    Scheme,
    /// Host, port, path, user, password, database or query cannot be what they are.
    #[error("the Redis URL has a part that it cannot have")]
    Part,
    /// Neither TLS nor a loopback address nor a Unix socket.
    #[error("a Redis server on another host needs TLS: use rediss://")]
    PlainText,
    /// This crate was built without the feature `redis-tls`.
    #[error("TLS to Redis needs the feature redis-tls")]
    NoTls,
    /// The namespace of the binding cannot be part of a key.
    #[error("in Redis a namespace has up to 64 letters, digits, dots, hyphens and underscores")]
    Namespace,
    /// The certificates to trust.
    #[error("the certificates for Redis cannot be read")]
    Certificates,
}

impl RedisUrl {
    /// Reads `rediss://[user:password@]host[:port][/database]`, `redis://` in its place for a server
    /// on this host, or `unix:///path[?db=…&user=…&pass=…]`. User and password are percent-encoded.
    ///
    /// # Errors
    ///
    /// [`InvalidRedisStore`], which repeats no part of the text.
    pub fn parse(url: &str) -> Result<Self, InvalidRedisStore> {
        let url = Self::read(url)?;
        url.refuse_plain_text()?;
        Ok(url)
    }

    /// The same for any host, whether it is spoken to in the open or not.
    pub(crate) fn read(url: &str) -> Result<Self, InvalidRedisStore> {
        let url = Url::parse(url).map_err(|_| InvalidRedisStore::Scheme)?;
        if url.fragment().is_some() {
            return Err(InvalidRedisStore::Part);
        }
        let (host, port) = (|| host(&url), url.port().unwrap_or(DEFAULT_PORT));
        match url.scheme() {
            "redis" | "valkey" => Self::of_host(
                &url,
                Place::Tcp {
                    host: host()?,
                    port,
                },
            ),
            "rediss" | "valkeys" => Self::of_host(
                &url,
                Place::Tls {
                    host: host()?,
                    port,
                },
            ),
            "unix" | "redis+unix" | "valkey+unix" => Self::of_socket(&url),
            _ => Err(InvalidRedisStore::Scheme),
        }
    }

    /// Refuses to speak to another host without TLS. A name is taken at its word here, and the
    /// address that it leads to is looked at when the connection is there.
    pub(crate) fn refuse_plain_text(&self) -> Result<(), InvalidRedisStore> {
        let Place::Tcp { host, .. } = &self.place else {
            return Ok(());
        };
        let is_here = match host.parse::<IpAddr>() {
            Ok(address) => address.is_loopback(),
            Err(_) => host.eq_ignore_ascii_case("localhost"),
        };
        match is_here {
            true => Ok(()),
            false => Err(InvalidRedisStore::PlainText),
        }
    }

    /// Whether it says who we are there.
    pub fn has_login(&self) -> bool {
        self.user.is_some() || self.password.is_some()
    }

    /// Whether TLS leads there.
    pub fn is_tls(&self) -> bool {
        matches!(self.place, Place::Tls { .. })
    }

    fn of_host(url: &Url, place: Place) -> Result<Self, InvalidRedisStore> {
        if url.query().is_some() {
            return Err(InvalidRedisStore::Part);
        }
        let user = decoded(url.username())?;
        Ok(Self {
            place,
            user: user.filter(|user| !user.expose_secret().is_empty()),
            password: url.password().map(decoded).transpose()?.flatten(),
            database: database(url.path().trim_matches('/'))?,
        })
    }

    #[cfg(unix)]
    fn of_socket(url: &Url) -> Result<Self, InvalidRedisStore> {
        let path = url.path();
        if url.host().is_some_and(|host| !is_empty(&host)) || path.len() < 2 {
            return Err(InvalidRedisStore::Part);
        }
        let path = decoded(path)?.ok_or(InvalidRedisStore::Part)?;
        let mut read = Self {
            place: Place::Unix(path.expose_secret().into()),
            user: None,
            password: None,
            database: 0,
        };
        for (name, value) in url.query_pairs() {
            match name.as_ref() {
                "db" => read.database = database(&value)?,
                "user" => read.user = Some(value.into_owned().into()),
                "pass" => read.password = Some(value.into_owned().into()),
                _ => return Err(InvalidRedisStore::Part),
            }
        }
        Ok(read)
    }

    #[cfg(not(unix))]
    fn of_socket(_url: &Url) -> Result<Self, InvalidRedisStore> {
        Err(InvalidRedisStore::Scheme)
    }
}

/// The address without the login: `rediss://redis.example:6379/0`.
impl fmt::Display for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, host, port) = match &self.place {
            #[cfg(unix)]
            Place::Unix(path) => {
                return write!(f, "unix://{}?db={}", path.display(), self.database);
            }
            Place::Tcp { host, port } => ("redis", host, port),
            Place::Tls { host, port } => ("rediss", host, port),
        };
        match host.contains(':') {
            true => write!(f, "{scheme}://[{host}]:{port}/{}", self.database),
            false => write!(f, "{scheme}://{host}:{port}/{}", self.database),
        }
    }
}

impl fmt::Debug for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RedisUrl({self})")
    }
}

impl PartialEq for RedisUrl {
    fn eq(&self, other: &Self) -> bool {
        self.place == other.place
            && self.database == other.database
            && exposed(&self.user) == exposed(&other.user)
            && exposed(&self.password) == exposed(&other.password)
    }
}

impl Eq for RedisUrl {}

fn exposed(secret: &Option<SecretString>) -> Option<&str> {
    secret.as_ref().map(ExposeSecret::expose_secret)
}

#[cfg(unix)]
fn is_empty(host: &Host<&str>) -> bool {
    matches!(host, Host::Domain(""))
}

/// The host without the brackets of an IPv6 address. `url` leaves the hosts of schemes that it
/// does not know as they are, so an IPv4 address comes as a name.
fn host(url: &Url) -> Result<String, InvalidRedisStore> {
    match url.host() {
        Some(Host::Domain(name)) if !name.is_empty() => Ok(name.to_owned()),
        Some(Host::Ipv4(address)) => Ok(address.to_string()),
        Some(Host::Ipv6(address)) => Ok(address.to_string()),
        _ => Err(InvalidRedisStore::Part),
    }
}

fn database(text: &str) -> Result<u16, InvalidRedisStore> {
    match text {
        "" => Ok(0),
        number => number.parse().map_err(|_| InvalidRedisStore::Part),
    }
}

/// A part of the URL with its percent signs taken away.
fn decoded(part: &str) -> Result<Option<SecretString>, InvalidRedisStore> {
    let mut bytes = zeroize::Zeroizing::new(Vec::with_capacity(part.len()));
    let mut rest = part.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let (digits, tail) = rest.split_at_checked(2).ok_or(InvalidRedisStore::Part)?;
        let digits = std::str::from_utf8(digits).map_err(|_| InvalidRedisStore::Part)?;
        bytes.push(u8::from_str_radix(digits, 16).map_err(|_| InvalidRedisStore::Part)?);
        rest = tail;
    }
    let text = std::str::from_utf8(&bytes).map_err(|_| InvalidRedisStore::Part)?;
    Ok(Some(SecretString::from(text)))
}

#[cfg(test)]
mod tests;
