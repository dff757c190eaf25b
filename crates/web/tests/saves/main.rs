//! What of saves (contract § 4) only shows inside the process: bodies on their way, and what reaches the stores.

#[path = "../support/mod.rs"]
mod support;

mod connections;
mod evidence;
mod permission;
mod uploads;
