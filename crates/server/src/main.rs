//! The Memcard server: reads its configuration, wires the adapters to the rules and the rules to HTTP, and runs.
//! Nothing else lives here.

mod cli;
mod data_folder;
mod serve;
mod sweeping;
mod verify;
mod wiring;

use std::io::IsTerminal as _;
use std::process::ExitCode;

use clap::Parser as _;

use crate::cli::{Cli, Command};
use crate::verify::Verdict;

fn main() -> ExitCode {
    let cli = Cli::parse();
    start_log(&cli.log);
    match cli.command {
        Command::Serve(options) => match serve::run(&options) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => failed(&error, ExitCode::FAILURE),
        },
        Command::Verify(options) => match verify::run(&options) {
            Ok(Verdict::Sound) => ExitCode::SUCCESS,
            Ok(Verdict::Unsound) => ExitCode::FAILURE,
            Err(error) => failed(&error, ExitCode::from(NOT_CHECKED)),
        },
    }
}

/// What `verify` ends with where it could not look, as it does with wrong options.
const NOT_CHECKED: u8 = 2;

fn failed(error: &anyhow::Error, code: ExitCode) -> ExitCode {
    tracing::error!("{error:#}");
    code
}

/// Logs to standard error, so that standard output carries the setup link alone.
fn start_log(filter: &str) {
    let filter = tracing_subscriber::EnvFilter::new(filter);
    let is_terminal = std::io::stderr().is_terminal();
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(is_terminal)
        .init();
}
