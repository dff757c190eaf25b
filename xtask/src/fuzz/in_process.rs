//! libFuzzer over the properties of `memcard-fuzz`.
//!
//! Rust's own instrumentation flags (`-Z sanitizer`) need a nightly compiler; LLVM's coverage pass alone does not: it is
//! asked for by `-C` flags, which are stable. They go to what is built for the target only (`--target`), not to build
//! scripts.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use super::{Plan, Report};
use crate::process::{self, Interrupt};
use crate::workspace;

/// LLVM's coverage pass: counters per edge, the table of edges, and what is compared with what.
const INSTRUMENTATION: &[&str] = &[
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Ccodegen-units=1",
];

/// Bounds of one input: longest in bytes, longest to check in seconds, most memory in MiB.
const LONGEST: u32 = 16 * 1024;
const SLOWEST: u32 = 5;
const MOST_MEMORY: u32 = 512;

/// Lines of libFuzzer's output that are shown when it found something.
const LAST_LINES: usize = 40;

/// Fuzzes one target. What it learned to reach is kept, and the next run begins with it.
pub(super) fn fuzz(name: &str, plan: Plan, interrupt: &Interrupt) -> Result<Report> {
    let program = build(name, interrupt)?;
    let folder = super::folder().join(name);
    let corpus = made(folder.join("corpus"))?;
    let findings = made(folder.join("findings"))?;
    let log = folder.join("log");
    let before = count(&findings)?;

    let mut command = Command::new(program);
    command
        .arg(&corpus)
        .arg(format!("-artifact_prefix={}/", findings.display()))
        .arg(format!("-max_total_time={}", plan.time.as_secs()))
        .arg(format!("-seed={}", plan.seed.max(1)))
        .arg(format!("-max_len={LONGEST}"))
        .arg(format!("-timeout={SLOWEST}"))
        .arg(format!("-rss_limit_mb={MOST_MEMORY}"))
        .arg("-print_final_stats=1")
        .stderr(fs::File::create(&log).with_context(|| format!("cannot write {}", log.display()))?);
    let status = process::run(&mut command, interrupt)?;
    let said = String::from_utf8_lossy(&fs::read(&log).context("cannot read the log")?).into_owned();
    let inputs = executed(&said).with_context(|| format!("no number of inputs in {}", log.display()))?;
    let mut found = count(&findings)?.saturating_sub(before) as u64;
    if !status.success() {
        let lines: Vec<_> = said.lines().collect();
        println!("{}", lines[lines.len().saturating_sub(LAST_LINES)..].join("\n"));
        println!("inputs are in {}", findings.display());
        // An end that leaves no input is a finding as well.
        found = found.max(1);
    }
    Ok(Report { name: name.to_owned(), inputs, findings: found })
}

/// Builds the target with instrumentation and says where it is.
fn build(name: &str, interrupt: &Interrupt) -> Result<PathBuf> {
    let host = host()?;
    let mut cargo = workspace::cargo();
    cargo
        .args(["build", "--package", "memcard-fuzz", "--features", "libfuzzer", "--bin", name])
        .args(["--profile", "fuzz", "--target", &host])
        .env("CARGO_ENCODED_RUSTFLAGS", INSTRUMENTATION.join("\u{1f}"));
    ensure!(
        process::run(&mut cargo, interrupt)?.success(),
        "{name} does not build (libFuzzer needs a C++ compiler)"
    );
    Ok(workspace::target_folder().join(host).join("fuzz").join(name))
}

/// The machine that is built on, in rustc's words.
fn host() -> Result<String> {
    let output = Command::new("rustc").arg("-vV").output().context("cannot start rustc")?;
    let text = String::from_utf8(output.stdout).context("rustc says something that is no text")?;
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).context("rustc does not say its host")
}

/// How many inputs libFuzzer says it tried: in its final statistics, or else in the last line of its progress.
fn executed(said: &str) -> Option<u64> {
    let last = |read: fn(&str) -> Option<&str>| said.lines().rev().find_map(read)?.trim().parse().ok();
    last(|line| line.strip_prefix("stat::number_of_executed_units:"))
        .or_else(|| last(|line| line.strip_prefix('#')?.split_whitespace().next()))
}

fn made(folder: PathBuf) -> Result<PathBuf> {
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder)
}

fn count(folder: &Path) -> Result<usize> {
    Ok(fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?.count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libfuzzer_says_how_many_inputs_it_tried() {
        let whole = "#2\tINITED cov: 3\n#900\tDONE   cov: 9\nDone 900 runs in 3 second(s)\n\
                     stat::number_of_executed_units: 900\nstat::peak_rss_mb:              41\n";
        assert_eq!(executed(whole), Some(900));
        let crashed = "#2\tINITED cov: 3\n#512\tpulse  cov: 9\nthread panicked\n==1== ERROR: libFuzzer\n";
        assert_eq!(executed(crashed), Some(512));
        assert_eq!(executed("nothing"), None);
    }
}
