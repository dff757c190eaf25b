//! `cargo xtask explore` and `cargo xtask simulate`: programs that try to break the promises, built to be fast and with
//! every check on.

use std::ffi::OsString;

use anyhow::{Result, ensure};

use crate::process::{self, Interrupt};
use crate::workspace;

/// Options of a program that tries to break the promises.
#[derive(clap::Args)]
#[command(disable_help_flag = true)]
pub(crate) struct Proving {
    /// Passed on to the program; `--help` lists them.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

/// Runs the program of that package. An error means that a promise is broken.
pub(crate) fn run(package: &str, options: &Proving, interrupt: &Interrupt) -> Result<()> {
    let mut command = workspace::cargo();
    command.args(["run", "--quiet", "--profile", "proving", "--package", package, "--"]);
    command.args(&options.arguments);
    ensure!(process::run(&mut command, interrupt)?.success(), "{package} found something, or did not end");
    Ok(())
}
