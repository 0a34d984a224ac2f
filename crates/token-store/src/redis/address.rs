//! Where the server is, and whether it may be spoken to in the open.

use std::fmt;
use std::net::IpAddr;

use secrecy::{ExposeSecret, SecretString};
use url::{Host, Url};

/// The port of Redis and Valkey.
const DEFAULT_PORT: u16 = 6379;

/// A server, and who we are there. Shows neither user nor password.
#[derive(Clone)]
pub(crate) struct Address {
    pub(crate) place: Place,
    pub(crate) user: Option<SecretString>,
    pub(crate) password: Option<SecretString>,
    pub(crate) database: i64,
}

/// How the server is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    #[cfg(unix)]
    Unix(std::path::PathBuf),
    Tcp {
        host: String,
        port: u16,
        /// The connected address must be a loopback address.
        loopback_only: bool,
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

impl Address {
    /// Reads `redis://[user:password@]host[:port][/database]`, the same with `rediss` (TLS), or
    /// `unix:///path[?db=…&user=…&pass=…]`.
    pub(crate) fn parse(url: &SecretString, allow_plain: bool) -> Result<Self, InvalidRedisStore> {
        let url = Url::parse(url.expose_secret()).map_err(|_| InvalidRedisStore::Scheme)?;
        if url.fragment().is_some() {
            return Err(InvalidRedisStore::Part);
        }
        match url.scheme() {
            "redis" | "valkey" => Self::of_host(&url, plain(&url, allow_plain)?),
            "rediss" | "valkeys" if !cfg!(feature = "redis-tls") => Err(InvalidRedisStore::NoTls),
            "rediss" | "valkeys" => Self::of_host(&url, tls(&url)?),
            "unix" | "redis+unix" | "valkey+unix" => Self::of_socket(&url),
            _ => Err(InvalidRedisStore::Scheme),
        }
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
        let mut address = Self {
            place: Place::Unix(path.expose_secret().into()),
            user: None,
            password: None,
            database: 0,
        };
        for (name, value) in url.query_pairs() {
            match name.as_ref() {
                "db" => address.database = database(&value)?,
                "user" => address.user = Some(value.into_owned().into()),
                "pass" => address.password = Some(value.into_owned().into()),
                _ => return Err(InvalidRedisStore::Part),
            }
        }
        Ok(address)
    }

    #[cfg(not(unix))]
    fn of_socket(_url: &Url) -> Result<Self, InvalidRedisStore> {
        Err(InvalidRedisStore::Scheme)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Address")
            .field("place", &self.place)
            .field("database", &self.database)
            .finish_non_exhaustive()
    }
}

#[cfg(unix)]
fn is_empty(host: &Host<&str>) -> bool {
    matches!(host, Host::Domain(""))
}

fn plain(url: &Url, allow_plain: bool) -> Result<Place, InvalidRedisStore> {
    let host = host(url)?;
    let here = match host.parse::<IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => host.eq_ignore_ascii_case("localhost"),
    };
    if !here && !allow_plain {
        return Err(InvalidRedisStore::PlainText);
    }
    Ok(Place::Tcp {
        host,
        port: url.port().unwrap_or(DEFAULT_PORT),
        loopback_only: !allow_plain,
    })
}

fn tls(url: &Url) -> Result<Place, InvalidRedisStore> {
    Ok(Place::Tls {
        host: host(url)?,
        port: url.port().unwrap_or(DEFAULT_PORT),
    })
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

fn database(text: &str) -> Result<i64, InvalidRedisStore> {
    if text.is_empty() {
        return Ok(0);
    }
    let number = text.parse::<u16>().map_err(|_| InvalidRedisStore::Part)?;
    Ok(number.into())
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
mod tests {
    use super::*;

    fn parse(url: &str, allow_plain: bool) -> Result<Address, InvalidRedisStore> {
        Address::parse(&SecretString::from(url), allow_plain)
    }

    fn tcp(host: &str, port: u16, loopback_only: bool) -> Place {
        Place::Tcp {
            host: host.to_owned(),
            port,
            loopback_only,
        }
    }

    #[test]
    fn plain_text_is_spoken_on_this_host_only_unless_it_is_allowed() {
        let here = [
            ("redis://127.0.0.1", "127.0.0.1", 6379),
            ("redis://127.8.8.8:1", "127.8.8.8", 1),
            ("valkey://[::1]:7000", "::1", 7000),
            ("redis://localhost/3", "localhost", 6379),
        ];
        for (url, host, port) in here {
            assert_eq!(parse(url, false).unwrap().place, tcp(host, port, true));
        }
        let elsewhere = [
            "redis://redis.example",
            "redis://10.0.0.1",
            "redis://[2001:db8::1]",
            "redis://localhost.example",
            "redis://127.0.0.1.example",
            "redis://0.0.0.0",
        ];
        for url in elsewhere {
            assert_eq!(parse(url, false).unwrap_err(), InvalidRedisStore::PlainText);
            let allowed = parse(url, true).unwrap().place;
            assert!(matches!(
                allowed,
                Place::Tcp {
                    loopback_only: false,
                    ..
                }
            ));
        }
    }

    #[test]
    fn tls_needs_its_feature_and_no_permission() {
        let parsed = parse("rediss://redis.example:6380", false);
        if cfg!(feature = "redis-tls") {
            let (host, port) = ("redis.example".to_owned(), 6380);
            assert_eq!(parsed.unwrap().place, Place::Tls { host, port });
        } else {
            assert_eq!(parsed.unwrap_err(), InvalidRedisStore::NoTls);
        }
    }

    #[test]
    fn user_password_and_database_are_taken_from_the_url() {
        let address = parse("redis://am%20p:p%40ss%3a%2f@localhost/7", false).unwrap();
        assert_eq!(address.user.unwrap().expose_secret(), "am p");
        assert_eq!(address.password.unwrap().expose_secret(), "p@ss:/");
        assert_eq!(address.database, 7);
        let address = parse("redis://:only@localhost", false).unwrap();
        assert!(address.user.is_none());
        assert_eq!(address.password.unwrap().expose_secret(), "only");
    }

    #[cfg(unix)]
    #[test]
    fn a_socket_has_its_settings_behind_a_question_mark() {
        let url = "unix:///run/redis%20a/s.sock?db=2&user=u&pass=p%26";
        let address = parse(url, false).unwrap();
        assert_eq!(address.place, Place::Unix("/run/redis a/s.sock".into()));
        assert_eq!(address.user.unwrap().expose_secret(), "u");
        assert_eq!(address.password.unwrap().expose_secret(), "p&");
        assert_eq!(address.database, 2);
        for url in [
            "unix://host/s",
            "unix:///",
            "unix:///s?pas=p",
            "unix:///s?db=x",
        ] {
            assert_eq!(parse(url, false).unwrap_err(), InvalidRedisStore::Part);
        }
    }

    #[test]
    fn what_names_no_server_is_refused_and_not_repeated() {
        let cases = [
            ("", InvalidRedisStore::Scheme),
            ("hunter2", InvalidRedisStore::Scheme),
            ("http://hunter2@localhost", InvalidRedisStore::Scheme),
            ("redis://:hunter2@", InvalidRedisStore::Scheme),
            ("redis:///hunter2", InvalidRedisStore::Part),
            ("redis://localhost/hunter2", InvalidRedisStore::Part),
            ("redis://localhost/-1", InvalidRedisStore::Part),
            ("redis://localhost?pass=hunter2", InvalidRedisStore::Part),
            ("redis://localhost#hunter2", InvalidRedisStore::Part),
            ("rediss://localhost#insecure", InvalidRedisStore::Part),
            ("redis://:hunter2%@localhost", InvalidRedisStore::Part),
            ("redis://:%ff@localhost", InvalidRedisStore::Part),
        ];
        for (url, expected) in cases {
            let error = parse(url, true).unwrap_err();
            assert_eq!(error, expected, "{url}");
            assert!(!format!("{error} {error:?}").contains("hunter2"));
        }
    }

    //
    #[test]
    fn debug_output_hides_user_and_password() {
        let address = parse("redis://alice:hunter2@localhost", false).unwrap();
        let shown = format!("{address:?}");
        assert!(shown.contains("localhost"), "{shown}");
        assert!(!shown.contains("alice") && !shown.contains("hunter2"));
    }
}
