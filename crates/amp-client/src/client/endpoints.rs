//! The operations of the service, under the names of the seed, tag by tag.

mod assets;
mod assignments;
mod categories;
mod distributions;
mod gaids;
mod general;
mod managers;
mod registered_users;
mod transactions;
mod user;
