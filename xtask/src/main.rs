//! The project's own commands. `cargo xtask help` lists them; each has a module of its name.

#![expect(clippy::print_stdout, reason = "a command line tool prints its result")]

mod ci;
mod codegen;
mod fuzz;
mod migrate;
mod node;
mod process;
mod proving;
mod servers;
mod test_command;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::process::Interrupt;

/// Everything that is done to Memcard's own source: migrations, generated files, tests, checks.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Task,
}

/// One command.
#[derive(Subcommand)]
enum Task {
    /// Apply, revert, list or create database migrations (SQLite and PostgreSQL).
    Migrate(migrate::Migrate),
    /// Write the generated files anew, or check that they are up to date.
    Codegen(codegen::Codegen),
    /// Run every test, against every database and server that is installed on this machine.
    Test(test_command::Test),
    /// Explore what devices, players and a bad network can do to the rules, up to a depth.
    Explore(proving::Proving),
    /// Simulate players, devices and a bad network against the whole application, and count what is lost.
    Simulate(proving::Proving),
    /// Look for inputs that break what must hold: of parsers in process, of the API over HTTP.
    Fuzz(fuzz::Fuzz),
    /// Run everything that CI checks: format, lints, documentation, generated files, rules, tests.
    Ci,
}

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> anyhow::Result<()> {
    match task {
        Task::Migrate(command) => migrate::run(&command),
        Task::Codegen(command) => codegen::run(&command, &Interrupt::watch()?),
        Task::Test(command) => test_command::run(&command, &Interrupt::watch()?),
        Task::Explore(command) => proving::run("memcard-explorer", &command, &Interrupt::watch()?),
        Task::Simulate(command) => proving::run("memcard-simulator", &command, &Interrupt::watch()?),
        Task::Fuzz(command) => fuzz::run(&command, &Interrupt::watch()?),
        Task::Ci => ci::run(&Interrupt::watch()?),
    }
}
