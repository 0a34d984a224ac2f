//! Registered users.

use amp_api::{
    AddRegisteredUser, EditRegisteredUser, RegisteredUser, RegisteredUserSummary, operations,
};

use super::GAID;
use crate::case::Case;

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case::new(&operations::LIST_REGISTERED_USERS, RegisteredUser::list()),
        Case::new(&operations::GET_REGISTERED_USER, RegisteredUser::get(7)),
        add(),
        edit(),
        Case::new(
            &operations::DELETE_REGISTERED_USER,
            RegisteredUser::delete(7),
        ),
        Case::new(
            &operations::GET_REGISTERED_USER_SUMMARY,
            RegisteredUserSummary::get(7),
        ),
        Case::new(
            &operations::LIST_REGISTERED_USER_GAIDS,
            RegisteredUser::gaids(7),
        ),
        Case::new(
            &operations::ADD_REGISTERED_USER_GAID,
            RegisteredUser::add_gaid(7, GAID),
        )
        .refuses(RegisteredUser::add_gaid(7, "")),
        Case::new(
            &operations::SET_DEFAULT_REGISTERED_USER_GAID,
            RegisteredUser::set_default_gaid(7, GAID),
        )
        .refuses(RegisteredUser::set_default_gaid(7, "")),
        Case::new(
            &operations::ADD_REGISTERED_USER_CATEGORIES,
            RegisteredUser::add_categories(7, &[8, 9]),
        ),
        Case::new(
            &operations::DELETE_REGISTERED_USER_CATEGORIES,
            RegisteredUser::remove_categories(7, &[8, 9]),
        ),
    ]
}

fn add() -> Case {
    let least = AddRegisteredUser {
        name: "Jane Doe".into(),
        ..AddRegisteredUser::default()
    };
    let full = AddRegisteredUser {
        gaid: Some(GAID.into()),
        is_company: Some(false),
        ..least.clone()
    };
    let without_gaid = AddRegisteredUser {
        gaid: Some(" ".into()),
        ..least.clone()
    };
    Case::new(&operations::ADD_REGISTERED_USER, full.call())
        .least(least.call())
        .refuses(AddRegisteredUser::default().call())
        .refuses(without_gaid.call())
}

fn edit() -> Case {
    let edit = |name: Option<&str>| {
        let name = name.map(Into::into);
        EditRegisteredUser { name }.call(7)
    };
    Case::new(&operations::EDIT_REGISTERED_USER, edit(Some("Jane Roe")))
        .least(edit(None))
        .refuses(edit(Some("")))
}
