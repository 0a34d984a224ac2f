//! How assignments look.

use amp_api::Assignment;

use crate::show::{Field, Shown, or_dash, or_dash_of, yes_or_no};

impl Shown for Assignment {
    const FIELDS: &'static [Field<Self>] = &[
        Field::number("id", |one| one.id.to_string()),
        Field::number("user", |one| one.registered_user.to_string()),
        Field::number("amount", |one| one.amount.to_string()),
        Field::listed("ready", |one| yes_or_no(one.ready_for_distribution)),
        Field::listed("distributed", |one| yes_or_no(one.is_distributed)),
        Field::listed("gaid", |one| or_dash(one.gaid.as_deref())),
        Field::alone("address", |one| or_dash(one.receiving_address.as_deref())),
        Field::alone("distribution", |one| {
            or_dash(one.distribution_uuid.as_deref())
        }),
        Field::alone("vested", |one| yes_or_no(one.has_vested)),
        Field::alone("vests", |one| or_dash(one.vesting_datetime.as_deref())),
        Field::alone("creator", |one| or_dash_of(one.creator)),
    ];
}
