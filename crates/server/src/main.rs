//! The Memcard server: reads its configuration, wires the adapters to the rules and the rules to HTTP, and runs.
//! Nothing else lives here.

mod cli;
mod data_folder;
mod serve;
mod wiring;

use std::io::IsTerminal as _;
use std::process::ExitCode;

use clap::Parser as _;

use crate::cli::{Cli, Command};

fn main() -> ExitCode {
    let cli = Cli::parse();
    start_log(&cli.log);
    let outcome = match cli.command {
        Command::Serve(options) => serve::run(&options),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
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
