use std::collections::HashSet;

use super::*;

#[test]
fn every_operation_of_the_description_has_one_row() {
    let names: HashSet<_> = ALL.iter().map(|row| row.id()).collect();
    let calls: HashSet<_> = ALL.iter().map(|row| (row.method(), row.path())).collect();
    assert_eq!((names.len(), calls.len()), (ALL.len(), ALL.len()));
    assert_eq!(ALL.len(), 84);
}

//
#[test]
fn operations_that_move_money_are_never_repeated_blindly() {
    let money = [
        &ISSUE_ASSET,
        &REQUEST_REISSUE,
        &REQUEST_BURN,
        &CREATE_ASSIGNMENT,
        &CREATE_DISTRIBUTION,
    ];
    for operation in money {
        assert!(!operation.idempotency().repeatable(), "{operation:?}");
        assert!(!operation.raw_idempotency().repeatable(), "{operation:?}");
    }
    assert_eq!(CHANGE_PASSWORD.idempotency(), Idempotency::Never);
    assert_eq!(CHANGE_MANAGER_PASSWORD.idempotency(), Idempotency::Never);
}

#[test]
fn every_row_finds_itself_by_method_and_path() {
    for operation in ALL {
        let path = operation
            .path()
            .split('/')
            .map(|part| if part.starts_with('{') { "7" } else { part })
            .collect::<Vec<_>>()
            .join("/");
        let found = find(operation.method(), &path).map(Operation::id);
        assert_eq!(found, Some(operation.id()), "{path}");
    }
}

#[test]
fn a_fixed_name_wins_over_a_variable_and_a_slash_at_the_end_does_not_count() {
    let cases = [
        ("/managers/me", "getCurrentManager"),
        ("/managers/8", "getManager"),
        ("/assets", "listAssets"),
        ("/assets/", "listAssets"),
        ("/assets/x/distributions/create", "createDistribution"),
        ("/assets/x/distributions/create/", "createDistribution"),
        ("/assets/x/distributions/y", "getDistribution"),
    ];
    for (path, id) in cases {
        let found = find(&Method::GET, path).map(Operation::id);
        assert_eq!(found, Some(id), "{path}");
    }
    assert_eq!(find(&Method::POST, "/assets"), None);
    assert_eq!(find(&Method::GET, "/assets//lock"), None);
    assert_eq!(find(&Method::GET, "/"), None);
}

// a class belongs to the operation; the method alone would call these safe.
#[test]
fn a_get_that_changes_something_is_not_repeated_blindly_however_it_is_written() {
    let paths = [
        "/assets/x/register",
        "/assets/x/register-authorized",
        "/assets/x/distributions/create/",
        "/assets/x/distributions/%63reate",
        "/assets/%ff/distributions/%63reate/",
        "/assets/x/distributions/create//",
        "/assets//x/distributions/create/",
        "/assets/x%2F/distributions/create/",
    ];
    for path in paths {
        for method in [Method::GET, Method::HEAD] {
            let class = raw_idempotency(&method, path);
            assert_eq!(class, Idempotency::OnlyIfUnprocessed, "{method} {path}");
        }
    }
}

#[test]
fn an_unknown_path_is_safe_to_repeat_only_as_get_or_head() {
    let unknown = "/new/thing";
    assert_eq!(raw_idempotency(&Method::GET, unknown), Idempotency::Safe);
    assert_eq!(raw_idempotency(&Method::HEAD, unknown), Idempotency::Safe);
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
        let class = raw_idempotency(&method, unknown);
        assert_eq!(class, Idempotency::OnlyIfUnprocessed, "{method}");
    }
    assert_eq!(
        raw_idempotency(&Method::PUT, "/assets/x/lock"),
        Idempotency::Idempotent
    );
}

#[test]
fn operations_with_secrets_in_their_bodies_are_marked() {
    let secret: Vec<_> = ALL
        .iter()
        .filter(|row| row.is_secret())
        .map(|row| row.id())
        .collect();
    assert_eq!(
        secret,
        [
            "obtainToken",
            "refreshToken",
            "changePassword",
            "createManager",
            "changeManagerPassword",
            // Blinding factors: whoever has one sees an amount that is hidden on the chain.
            "updateAssetBlinders"
        ]
    );
}

// the login carries no token, the renewal is a GET with a hyphen.
#[test]
fn the_token_operations_are_those_of_the_service() {
    assert_eq!(OBTAIN_TOKEN.method(), Method::POST);
    assert_eq!(OBTAIN_TOKEN.path(), "/user/obtain_token");
    assert_eq!(OBTAIN_TOKEN.auth(), Auth::None);
    assert_eq!(REFRESH_TOKEN.method(), Method::GET);
    assert_eq!(REFRESH_TOKEN.path(), "/user/refresh-token");
    assert_eq!(REFRESH_TOKEN.auth(), Auth::Required);
}
