//! How registered users look.

use amp_api::{RegisteredUser, RegisteredUserSummary};

use crate::show::{Field, Shown, joined, or_dash, or_dash_of, yes_or_no};

impl Shown for RegisteredUser {
    const FIELDS: &'static [Field<Self>] = &[
        Field::number("id", |user| user.id.to_string()),
        Field::prose("name", |user| user.name.clone()),
        Field::listed("gaid", |user| or_dash(user.gaid.as_deref())),
        Field::listed("company", |user| yes_or_no(user.is_company)),
        Field::listed("categories", |user| joined(&user.categories)),
        Field::alone("creator", |user| or_dash_of(user.creator)),
    ];
}

impl Shown for RegisteredUserSummary {
    const FIELDS: &'static [Field<Self>] = &[
        Field::listed("asset uuid", |summary| summary.asset_uuid.clone()),
        Field::number("assigned", |summary| or_dash_of(summary.assignments_sum)),
        Field::number("distributed", |summary| {
            or_dash_of(summary.distributions_sum)
        }),
        Field::number("balance", |summary| or_dash_of(summary.balance)),
    ];
}
