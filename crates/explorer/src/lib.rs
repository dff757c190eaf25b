//! Explores, exhaustively up to a depth, what devices, players and a bad network can do to the project's own rules: its
//! negotiation, its guard and its evidence, as they stand in `memcard-domain`, on the in-memory store. There is no copy
//! of a rule here.
#![deny(missing_docs)]

mod action;
mod card;
mod code;
mod content;
mod exploration;
mod promise;
mod reading;
mod report;
mod search;
mod server;
mod setting;
mod settle;
mod story;
mod world;

pub use exploration::{ExploreError, explore};
pub use promise::{Finding, Limit, Promise, Tally};
pub use report::{Report, Told};
pub use search::End;
pub use setting::{Ablation, Client, Clients, Event, Events, InvalidClients, InvalidEvents, Setting, Start};
