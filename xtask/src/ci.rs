//! `cargo xtask ci`: what a change must pass, quickest first; the first failure ends it.

use std::fmt;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::process::{self, Interrupt};
use crate::{codegen, node, test_command, workspace};

/// One thing that is checked.
struct Step {
    heading: &'static str,
    check: fn(&Interrupt) -> Result<Done>,
}

/// How a step that did not fail ended.
enum Done {
    Passed,
    Skipped(&'static str),
}

const STEPS: &[Step] = &[
    Step { heading: "format", check: format },
    Step { heading: "lints", check: lints },
    Step { heading: "documentation", check: documentation },
    Step { heading: "generated files", check: generated_files },
    Step { heading: "TypeScript models", check: typescript_models },
    Step { heading: "repository rules", check: repository_rules },
    Step { heading: "dependencies", check: dependencies },
    Step { heading: "tests", check: tests },
];

/// Runs every step in order.
pub(crate) fn run(interrupt: &Interrupt) -> Result<()> {
    let start = Instant::now();
    let mut timings = Vec::new();
    for (index, step) in STEPS.iter().enumerate() {
        interrupt.check()?;
        println!("\n=== {}/{} {} ===", index + 1, STEPS.len(), step.heading);
        let step_start = Instant::now();
        let done = (step.check)(interrupt).with_context(|| format!("ci failed at: {}", step.heading))?;
        let timing = Timing { heading: step.heading, done, duration: step_start.elapsed() };
        println!("{timing}");
        timings.push(timing);
    }
    println!("\n=== summary ===");
    for timing in &timings {
        println!("{timing}");
    }
    if workspace::is_ci() && timings.iter().any(|timing| matches!(timing.done, Done::Skipped(_))) {
        bail!("a step was skipped (see above), and in CI none may be");
    }
    println!("ci: everything passed in {} s", start.elapsed().as_secs());
    Ok(())
}

struct Timing {
    heading: &'static str,
    done: Done,
    duration: Duration,
}

impl fmt::Display for Timing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.duration.as_secs_f64();
        match self.done {
            Done::Passed => write!(f, "{:<18} {seconds:>7.1} s  passed", self.heading),
            Done::Skipped(why) => write!(f, "{:<18} {seconds:>7.1} s  !!! SKIPPED: {why} !!!", self.heading),
        }
    }
}

fn format(interrupt: &Interrupt) -> Result<Done> {
    must_pass(workspace::cargo().args(["fmt", "--all", "--check"]), interrupt)
}

fn lints(interrupt: &Interrupt) -> Result<Done> {
    let mut command = workspace::cargo();
    command.args(["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"]);
    must_pass(&mut command, interrupt)
}

fn documentation(interrupt: &Interrupt) -> Result<Done> {
    let mut command = workspace::cargo();
    command.args(["doc", "--workspace", "--no-deps", "--locked"]).env("RUSTDOCFLAGS", "-Dwarnings");
    must_pass(&mut command, interrupt)
}

fn generated_files(interrupt: &Interrupt) -> Result<Done> {
    codegen::run(&codegen::Codegen::check_all(), interrupt)?;
    Ok(Done::Passed)
}

/// Type-checks the generated models, and a client that uses them rightly and wrongly.
fn typescript_models(interrupt: &Interrupt) -> Result<Done> {
    let Some(packages) = node::packages(interrupt)? else {
        return Ok(Done::Skipped(node::MISSING));
    };
    must_pass(packages.program("tsc").args(["--project", "."]), interrupt)
}

fn repository_rules(interrupt: &Interrupt) -> Result<Done> {
    let mut command = workspace::cargo();
    command.args(["test", "--quiet", "--package", "xtask", "--test", "tidy"]);
    must_pass(&mut command, interrupt)
}

/// Advisories are left out: they need a database from the network, and a change must not fail because of what became
/// known elsewhere since. Run `cargo deny check advisories` for those.
fn dependencies(interrupt: &Interrupt) -> Result<Done> {
    if !workspace::has_cargo_command("deny") {
        return Ok(Done::Skipped("cargo-deny is not installed (cargo install cargo-deny --locked)"));
    }
    must_pass(workspace::cargo().args(["deny", "check", "bans", "licenses", "sources"]), interrupt)
}

fn tests(interrupt: &Interrupt) -> Result<Done> {
    test_command::run(&test_command::Test::everything(), interrupt)?;
    Ok(Done::Passed)
}

fn must_pass(command: &mut Command, interrupt: &Interrupt) -> Result<Done> {
    let status = process::run(command, interrupt)?;
    if !status.success() {
        let arguments: Vec<_> = command.get_args().map(|argument| argument.to_string_lossy()).collect();
        bail!("{} {} failed ({status})", command.get_program().to_string_lossy(), arguments.join(" "));
    }
    Ok(Done::Passed)
}
