//! Categories.

use amp_api::{AddCategory, Category, EditCategory, operations};

use super::ASSET;
use crate::case::Case;

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case::new(&operations::LIST_CATEGORIES, Category::list()),
        add(),
        Case::new(&operations::GET_CATEGORY, Category::get(7)),
        edit(),
        Case::new(&operations::DELETE_CATEGORY, Category::delete(7)),
        Case::new(&operations::CATEGORY_ADD_USER, Category::add_user(7, 8)),
        Case::new(
            &operations::CATEGORY_REMOVE_USER,
            Category::remove_user(7, 8),
        ),
        Case::new(
            &operations::CATEGORY_ADD_ASSET,
            Category::add_asset(7, ASSET),
        )
        .refuses(Category::add_asset(7, "")),
        Case::new(
            &operations::CATEGORY_REMOVE_ASSET,
            Category::remove_asset(7, ASSET),
        )
        .refuses(Category::remove_asset(7, "")),
    ]
}

fn add() -> Case {
    let least = AddCategory {
        name: "Accredited".into(),
        description: None,
    };
    let full = AddCategory {
        description: Some("Checked investors".into()),
        ..least.clone()
    };
    Case::new(&operations::ADD_CATEGORY, full.call())
        .least(least.call())
        .refuses(AddCategory::default().call())
}

fn edit() -> Case {
    let full = EditCategory {
        name: Some("Accredited".into()),
        description: Some("Checked investors".into()),
    };
    let empty = EditCategory {
        name: Some(" ".into()),
        description: None,
    };
    Case::new(&operations::EDIT_CATEGORY, full.call(7))
        .least(EditCategory::default().call(7))
        .refuses(empty.call(7))
}
