//! `cargo xtask explore`: the explorer, built to be fast and with its checks on.

use std::ffi::OsString;

use anyhow::{Result, ensure};

use crate::process::{self, Interrupt};
use crate::workspace;

/// Options of `cargo xtask explore`.
#[derive(clap::Args)]
#[command(disable_help_flag = true)]
pub(crate) struct Explore {
    /// Passed on to the explorer; `--help` lists them.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

/// Explores. An error means that a promise is broken.
pub(crate) fn run(options: &Explore, interrupt: &Interrupt) -> Result<()> {
    let mut command = workspace::cargo();
    command.args(["run", "--quiet", "--profile", "explore", "--package", "memcard-explorer", "--"]);
    command.args(&options.arguments);
    ensure!(
        process::run(&mut command, interrupt)?.success(),
        "the exploration found something, or did not end"
    );
    Ok(())
}
