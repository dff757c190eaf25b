//! The wire: request and response types, shared by server and client. One module per section of the contract.
//!
//! No logic lives here. Optional members are [`Option`]s: an explicit `null` reads like a member that is left out.
//! Unknown members are ignored. Member names and their spelling are the contract's.
#![deny(missing_docs)]

pub mod accounts;
pub mod catalogue;
mod datetime;
pub mod devices;
pub mod errors;
pub mod events;
pub mod heartbeat;
pub mod names;
pub mod nullable;
pub mod pairing;
pub mod plays;
pub mod query;
pub mod saves;
pub mod screenshots;
pub mod states;
pub mod sync;

pub use datetime::{DateTime, InvalidDateTime};
