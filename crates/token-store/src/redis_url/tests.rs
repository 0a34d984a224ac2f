use super::*;

fn parse(url: &str) -> Result<RedisUrl, InvalidRedisStore> {
    RedisUrl::parse(url)
}

fn tcp(host: &str, port: u16) -> Place {
    let host = host.to_owned();
    Place::Tcp { host, port }
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
        assert_eq!(parse(url).unwrap().place, tcp(host, port));
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
        assert_eq!(parse(url).unwrap_err(), InvalidRedisStore::PlainText);
        assert!(!RedisUrl::read(url).unwrap().is_tls());
    }
    let tls = parse("rediss://redis.example:6380").unwrap();
    let (host, port) = ("redis.example".to_owned(), 6380);
    assert_eq!(tls.place, Place::Tls { host, port });
}

#[test]
fn user_password_and_database_are_taken_from_the_url() {
    let address = parse("redis://am%20p:p%40ss%3a%2f@localhost/7").unwrap();
    assert_eq!(address.user.unwrap().expose_secret(), "am p");
    assert_eq!(address.password.unwrap().expose_secret(), "p@ss:/");
    assert_eq!(address.database, 7);
    let address = parse("redis://:only@localhost").unwrap();
    assert!(address.user.is_none());
    assert_eq!(address.password.unwrap().expose_secret(), "only");
}

#[cfg(unix)]
#[test]
fn a_socket_has_its_settings_behind_a_question_mark() {
    let url = "unix:///run/redis%20a/s.sock?db=2&user=u&pass=p%26";
    let address = parse(url).unwrap();
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
        assert_eq!(parse(url).unwrap_err(), InvalidRedisStore::Part);
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
        let error = parse(url).unwrap_err();
        assert_eq!(error, expected, "{url}");
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
}

// what is shown is an address that leads to the same place, without its login.
#[test]
fn an_address_is_shown_without_user_and_password() {
    let shown = [
        (
            "redis://alice:hunter2@localhost",
            "redis://localhost:6379/0",
        ),
        ("redis://hunter2@localhost/3", "redis://localhost:6379/3"),
        (
            "valkeys://:hunter2@redis.example:1/",
            "rediss://redis.example:1/0",
        ),
        ("redis://alice:hunter2@[::1]/2", "redis://[::1]:6379/2"),
        #[cfg(unix)]
        (
            "unix:///run/r.sock?user=alice&pass=hunter2",
            "unix:///run/r.sock?db=0",
        ),
    ];
    for (url, expected) in shown {
        let address = parse(url).unwrap();
        assert!(address.has_login(), "{url}");
        assert_eq!(address.to_string(), expected);
        assert_eq!(format!("{address:?}"), format!("RedisUrl({expected})"));
        let again = parse(expected).unwrap();
        assert_eq!(again.place, address.place);
        assert!(!again.has_login() && again != address, "{url}");
    }
}
