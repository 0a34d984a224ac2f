//! What goes over the wire: the token on requests, and the login, over scripted services on
//! paused time.

mod api;
mod authorize;
mod unauthorized;
