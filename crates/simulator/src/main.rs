//! The simulator as a program: `cargo xtask simulate`.

#![expect(clippy::print_stdout, reason = "a command line tool prints its result")]

use std::process::ExitCode;

use clap::Parser;
use memcard_simulator::{Setting, simulate};

/// Simulates players, devices and a bad network against the whole application, and counts what was lost. Ends with a
/// failure if anything was.
#[derive(Parser)]
#[command(name = "cargo xtask simulate", bin_name = "cargo xtask simulate")]
struct Options {
    /// What chance is drawn from: the same seed, the same run.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How often something happens.
    #[arg(long, default_value_t = 100_000)]
    steps: u64,
}

fn main() -> ExitCode {
    let options = Options::parse();
    match simulate(Setting { seed: options.seed, steps: options.steps, ablation: None }) {
        Ok(report) => {
            println!("{report}");
            if report.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
