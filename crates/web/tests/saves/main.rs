//! Saves (contract § 4) over the real application.

#[path = "../support/mod.rs"]
mod support;

mod conflicts;
mod connections;
mod content;
mod deletion;
mod devices;
mod evidence;
mod lists;
mod permission;
mod uploads;
