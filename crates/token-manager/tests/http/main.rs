//! What goes over the wire: the token on requests, and the login, over scripted services on
//! paused time.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod api;
mod authority;
mod authorize;
mod book;
mod cidx;
mod cidx_failures;
mod json_login;
mod login_failures;
mod oauth2;
mod oauth2_failures;
mod secrets;
mod services;
mod unauthorized;
