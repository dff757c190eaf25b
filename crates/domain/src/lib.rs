//! The rules of Memcard: what a device is, how it is paired, when a save may replace another.
//!
//! This crate is pure. It does no I/O, reads no clock, draws no randomness and needs no async runtime; everything it
//! needs from outside stands in [`ports`] as a trait. Use cases are plain functions over
//! [`&mut dyn Transaction`](ports::Transaction): whoever embeds the crate runs them inside one transaction of
//! whatever store they have.
//!
//! | module | concept |
//! |---|---|
//! | [`account`] | users, roles, scopes, logins, client tokens |
//! | [`catalogue`] | platforms and games |
//! | [`device`] | devices, their fingerprints and what is known of their clients |
//! | [`event`] | what happened, told to whoever listens |
//! | [`limit`] | how often is too often |
//! | [`pairing`] | the device authorization state machine (RFC 8628) |
//! | [`play`] | play sessions |
//! | [`save`] | slots, versions, heads, forks: what is kept, and the upload that decides it |
//! | [`screenshot`] | pictures of saves and states, and pictures that stand alone |
//! | [`state`] | emulators' snapshots: histories beside the saves' that never sync |
//! | [`sync`] | the decision table, bases and their evidence, negotiation, sync sessions |
//! | [`upkeep`] | whether everything is as it was promised to be; collecting bytes that nothing names |
#![deny(missing_docs)]

pub mod account;
pub mod catalogue;
pub mod device;
pub mod event;
pub mod ids;
pub mod limit;
pub mod pairing;
pub mod play;
pub mod ports;
pub mod save;
pub mod screenshot;
pub mod secret;
pub mod state;
pub mod sync;
pub mod time;
pub mod upkeep;
