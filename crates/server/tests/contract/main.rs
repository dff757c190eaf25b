//! The wire contract, sentence by sentence: each test states one rule of it and asks the real binary over HTTP, on
//! SQLite and on PostgreSQL.
//!
//! One module per section; what a module covers stands at its top, in the contract's own order, so that a sentence's test
//! is found by reading on from there.
//!
//! # Adding a rule
//!
//! 1. Find the section's module below (a new one gets a line here, in the order of the alphabet).
//! 2. Write `async fn the_rule_as_a_sentence(home: &Home)` and add its name to the module's `on_every_database!`. It runs
//!    as `module::the_rule_as_a_sentence::sqlite` and `::postgres`.
//! 3. Begin with `Story::begin(home).await` (a player, two devices, a game) or `home.serve_with_account().await`, or
//!    `home.serve_with(&["--option", "…"])` where the server's options matter. `support` has the rest.
//! 4. A rule that is a list (limits, encodings, who may not) is one table in one test; a failure names its row.
//! 5. Break the rule once and see the test fail.
//!
//! What needs a clock that is moved by hand, or a store that fails, is tested in `crates/web/tests` instead.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "an expectation that fails is how a test fails")]

#[path = "../support/mod.rs"]
mod support;

mod accounts;
mod catalogue;
mod client_tokens;
mod conventions;
mod devices;
mod events;
mod library;
mod pairing;
mod plays;
mod push_pull;
mod saves;
mod saves_versions;
mod screenshots;
mod sessions;
mod states;
mod sync;
mod web_device;
