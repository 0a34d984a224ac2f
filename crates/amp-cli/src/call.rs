//! What a command asks of the service: described, agreed to, sent, shown.

mod confirm;
mod dry_run;
mod run;
mod wish;

pub(crate) use dry_run::print as dry_run;
pub(crate) use run::{Sending, run};
pub(crate) use wish::{Reveal, Wish};
