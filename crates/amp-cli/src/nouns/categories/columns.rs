//! How categories look.

use amp_api::Category;

use crate::show::{Field, Shown, joined, or_dash};

impl Shown for Category {
    const FIELDS: &'static [Field<Self>] = &[
        Field::number("id", |category| category.id.to_string()),
        Field::prose("name", |category| category.name.clone()),
        Field::prose("description", |category| {
            or_dash(category.description.as_deref())
        }),
        Field::prose("users", |category| joined(&category.registered_users)),
        Field::prose("assets", |category| joined(&category.assets)),
    ];
}
