//! What goes over the wire: the token on requests, and the login, over scripted services on
//! paused time.

mod api;
mod authority;
mod authorize;
mod json_login;
mod login_failures;
mod secrets;
mod unauthorized;
