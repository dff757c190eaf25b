//! `cargo xtask test`: every suite, against everything that is installed, and an honest account of what did not run.

mod report;
mod runner;
mod tally;

use std::ffi::OsString;

use anyhow::Result;

use crate::process::Interrupt;
use crate::servers::Servers;
use crate::workspace::is_ci;

use report::Report;
use runner::{Outcome, Runner};
use tally::Tally;

/// Options of `cargo xtask test`.
#[derive(clap::Args)]
pub(crate) struct Test {
    /// Passed on to the test runner, for example `-- -p memcard-domain` or `-- a_part_of_a_name`.
    #[arg(last = true)]
    arguments: Vec<OsString>,
}

impl Test {
    /// Without any narrowing.
    pub(crate) fn everything() -> Self {
        Self { arguments: Vec::new() }
    }

    fn is_everything(&self) -> bool {
        self.arguments.is_empty()
    }
}

/// Runs the suites and reports. An error means that something failed, or that CI skipped something.
pub(crate) fn run(options: &Test, interrupt: &Interrupt) -> Result<()> {
    let servers = Servers::start(interrupt)?;
    let runner = Runner::find(&servers);
    let mut tally = Tally::default();

    // The doc tests come first: there are few, and the runner's own summary then stands at the end of the output.
    let mut succeeded = true;
    if options.is_everything() {
        let outcome = runner.doc_tests(interrupt)?;
        succeeded &= tally.take(outcome);
    }
    let outcome = runner.suites(&options.arguments, interrupt)?;
    succeeded &= tally.take(outcome);

    let report = Report { tally, servers: &servers, succeeded, complete: options.is_everything() };
    print!("{report}");
    report.verdict(is_ci())
}

impl Tally {
    fn take(&mut self, outcome: Outcome) -> bool {
        self.merge(outcome.tally);
        outcome.succeeded
    }
}
