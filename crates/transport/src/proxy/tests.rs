use super::*;

fn proxy(address: &str) -> Proxy {
    Proxy::new(address).unwrap()
}

fn covers(proxy: &Proxy, address: &'static str) -> bool {
    proxy.covers(&Uri::from_static(address))
}

fn vars(
    set: &'static [(&'static str, &'static str)],
) -> impl Fn(&str) -> Option<OsString> + 'static {
    |name| {
        set.iter()
            .find(|(set, _)| *set == name)
            .map(|(_, value)| value.into())
    }
}

#[test]
fn an_address_is_http_with_a_host_and_perhaps_a_login() {
    for (address, server) in [
        ("http://proxy.example", "http://proxy.example/"),
        ("proxy.example:3128", "http://proxy.example:3128/"),
        (
            "HTTP://user:pa%40ss@10.0.0.1:8080/",
            "http://10.0.0.1:8080/",
        ),
        ("http://[::1]:8080", "http://[::1]:8080/"),
    ] {
        assert_eq!(proxy(address).server().to_string(), server, "{address}");
    }
    for address in [
        "https://proxy.example",
        "socks5://proxy.example:1080",
        "http://",
        "http://user:secret@",
        "http://proxy.example/path",
        "http://proxy.example:port",
        "http://proxy example",
        "",
    ] {
        let error = Proxy::new(address).unwrap_err();
        assert_eq!(error.to_string(), format!("proxy: {EXPECTED}"), "{address}");
    }
}

// RFC 7617 section 2 has this login.
#[test]
fn a_login_becomes_basic_authentication_and_is_shown_nowhere() {
    let proxy = proxy("http://Aladdin:open%20sesame@proxy.example");
    let expected = Some("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    assert_eq!(proxy.authorization(), expected);
    let shown = format!("{proxy:?}");
    for secret in ["Aladdin", "sesame", "QWxhZGRpb"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    assert!(shown.contains("proxy.example"), "{shown}");
}

#[test]
fn exceptions_are_hosts_subdomains_and_networks() {
    let proxy = proxy("proxy.example").except("internal.example, 10.0.0.0/8,::2");
    for through in [
        "https://api.example",
        "https://notinternal.example",
        "https://11.0.0.1",
    ] {
        assert!(covers(&proxy, through), "{through}");
    }
    for direct in [
        "https://internal.example:8443/path",
        "https://a.INTERNAL.example",
        "https://10.1.2.3",
        "https://[::2]",
    ] {
        assert!(!covers(&proxy, direct), "{direct}");
    }
    assert!(!covers(&proxy.except("*"), "https://api.example"));
}

// W-A26: credentials in clear text stay on this machine.
#[test]
fn neither_plain_http_nor_this_machine_is_reached_through_a_proxy() {
    for direct in [
        "http://api.example",
        "http://127.0.0.1:8080",
        "https://127.8.9.1",
        "https://[::1]:8443",
        "https://localhost",
        "https://LocalHost.",
        "/path",
    ] {
        assert!(!covers(&proxy("proxy.example"), direct), "{direct}");
    }
}

#[test]
fn the_first_variable_that_is_set_names_the_proxy() {
    let read = |set| Proxy::from_vars(vars(set)).unwrap();
    assert_eq!(read(&[("HTTP_PROXY", "a"), ("NO_PROXY", "b")]), None);
    assert_eq!(read(&[("HTTPS_PROXY", " "), ("all_proxy", "")]), None);
    let all = read(&[
        ("HTTPS_PROXY", ""),
        ("https_proxy", "a:1"),
        ("ALL_PROXY", "b:1"),
    ]);
    assert_eq!(all, Some(proxy("a:1")));
    let rest = read(&[("ALL_PROXY", " b:1 "), ("no_proxy", "c.example")]);
    assert_eq!(rest, Some(proxy("b:1").except("c.example")));
    assert_ne!(rest, Some(proxy("b:1")));
}

#[test]
fn every_wrong_variable_is_named_and_no_value_is_repeated() {
    let bad = |name: &str| match name {
        "https_proxy" => Some("ftp://user:secret@a".into()),
        "NO_PROXY" => Some(not_unicode()),
        _ => None,
    };
    let error = Proxy::from_vars(bad).unwrap_err();
    let names: Vec<_> = error.problems().map(|(name, _)| name).collect();
    assert_eq!(names, ["https_proxy", "NO_PROXY"]);
    assert!(
        !format!("{error} {error:?}").contains("secret"),
        "{error:?}"
    );
}

#[cfg(unix)]
fn not_unicode() -> OsString {
    std::os::unix::ffi::OsStringExt::from_vec(vec![0xff])
}

#[cfg(windows)]
fn not_unicode() -> OsString {
    std::os::windows::ffi::OsStringExt::from_wide(&[0xd800])
}
