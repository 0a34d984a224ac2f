//! The operations of the service, under the names of the seed, tag by tag.

mod assets;
mod categories;
mod gaids;
mod general;
mod managers;
mod registered_users;
mod user;
