//! How managers look.

use amp_api::Manager;

use crate::show::{Field, Shown, joined, yes_or_no};

impl Shown for Manager {
    const FIELDS: &'static [Field<Self>] = &[
        Field::number("id", |manager| manager.id.to_string()),
        Field::prose("username", |manager| manager.username.clone()),
        Field::listed("locked", |manager| yes_or_no(manager.is_locked)),
        Field::prose("assets", |manager| joined(&manager.assets)),
    ];
}
