//! Registered users: whom assets may be sent to.

mod change;
mod user;

pub use change::{AddRegisteredUser, EditRegisteredUser};
pub use user::RegisteredUser;
