//! `cargo xtask fuzz`: looks for inputs that break what must hold. In process, libFuzzer makes bytes for the properties of
//! `memcard-fuzz`; over HTTP, Schemathesis makes requests of the API's description for the real server.
//!
//! **Invariant:** a run says its seed, how many inputs it tried and what it found. A finding is an error.

mod api;
mod in_process;

use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::{BuildHasher as _, Hasher as _};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, ensure};
use clap::ValueEnum;

use crate::process::Interrupt;
use crate::workspace;

/// Options of `cargo xtask fuzz`.
#[derive(clap::Args)]
pub(crate) struct Fuzz {
    /// Only this one; without it, all, one after another.
    target: Option<Target>,
    /// How long each is fuzzed, in minutes.
    #[arg(long, default_value_t = 1.0)]
    minutes: f64,
    /// What the inputs are drawn from; without it, another every time.
    #[arg(long)]
    seed: Option<u32>,
}

/// What is fuzzed.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Target {
    /// The server over HTTP.
    Api,
    /// Instants on the wire.
    Datetime,
    /// Names of files.
    FileName,
    /// Bodies of uploads.
    Multipart,
    /// Saves that may be archives.
    Zip,
}

/// How long and from which seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Plan {
    time: Duration,
    seed: u32,
}

/// How a target did.
struct Report {
    name: String,
    inputs: u64,
    findings: u64,
}

/// Fuzzes what was asked for. An error means that something was found, or could not be looked for.
pub(crate) fn run(options: &Fuzz, interrupt: &Interrupt) -> Result<()> {
    let plan = options.plan()?;
    let targets = options.target.as_ref().map_or(Target::value_variants(), std::slice::from_ref);
    let mut reports = Vec::new();
    for target in targets {
        interrupt.check()?;
        println!("\n=== {target}, seed {} ===", plan.seed);
        reports.push(match target {
            Target::Api => api::fuzz(plan, interrupt)?,
            in_process => in_process::fuzz(&in_process.to_string(), plan, interrupt)?,
        });
    }
    println!("\n=== summary ===");
    reports.iter().for_each(|report| println!("{report}"));
    let findings: u64 = reports.iter().map(|report| report.findings).sum();
    ensure!(findings == 0, "{findings} finding(s): see above");
    Ok(())
}

impl Fuzz {
    fn plan(&self) -> Result<Plan> {
        let time = Duration::try_from_secs_f64(self.minutes * 60.0).unwrap_or_default();
        ensure!(time >= Duration::from_secs(5), "--minutes must be a number, and at least 0.1");
        Ok(Plan { time, seed: self.seed.unwrap_or_else(any_seed) })
    }
}

/// The standard library's maps are keyed differently in every process.
fn any_seed() -> u32 {
    let [a, b, c, d, ..] = RandomState::new().build_hasher().finish().to_be_bytes();
    u32::from_be_bytes([a, b, c, d])
}

/// Where everything is kept that is not checked in: the fuzzers' memories, what they found.
fn folder() -> PathBuf {
    workspace::target_folder().join("fuzzing")
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<12} {:>10} inputs {:>3} findings", self.name, self.inputs, self.findings)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Api => "api",
            Self::Datetime => "datetime",
            Self::FileName => "file-name",
            Self::Multipart => "multipart",
            Self::Zip => "zip",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_of_no_length_is_refused() {
        for minutes in [0.0, -1.0, f64::NAN, 0.01] {
            assert!(Fuzz { target: None, minutes, seed: None }.plan().is_err(), "{minutes}");
        }
        let plan = Fuzz { target: None, minutes: 0.5, seed: Some(7) }.plan().unwrap();
        assert_eq!(plan, Plan { time: Duration::from_secs(30), seed: 7 });
    }
}
