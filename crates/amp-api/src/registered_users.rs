//! Registered users: whom assets may be sent to.

mod change;
mod summary;
mod user;

pub use change::{AddRegisteredUser, EditRegisteredUser};
pub use summary::RegisteredUserSummary;
pub use user::RegisteredUser;
