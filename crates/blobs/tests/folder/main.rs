//! What holds of blobs in a folder beyond the ports' rules.
#![expect(clippy::unwrap_used, reason = "a test that cannot set up its folder has failed")]

mod bare;
mod damage;
mod forgetful;
mod keeping;
mod power_cuts;
mod support;
