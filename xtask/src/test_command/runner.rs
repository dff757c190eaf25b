//! The program that runs the suites: nextest where it is installed, else `cargo test`.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;

use anyhow::{Context as _, Result, anyhow};

use super::tally::Tally;
use crate::process::{self, Interrupt};
use crate::servers::Servers;
use crate::workspace;

/// How a run ended.
pub(super) struct Outcome {
    pub(super) succeeded: bool,
    pub(super) tally: Tally,
}

/// Runs tests with the servers' addresses in their environment.
pub(super) struct Runner<'a> {
    servers: &'a Servers,
    /// Where nextest leaves its report; none where nextest is not installed.
    junit: Option<PathBuf>,
}

impl<'a> Runner<'a> {
    /// Takes nextest when it is there.
    pub(super) fn find(servers: &'a Servers) -> Self {
        let junit = if workspace::has_cargo_command("nextest") {
            // Below the workspace's root, wherever builds go: nextest's `store.dir` is no part of cargo's target folder.
            Some(workspace::root().join("target/nextest/default/junit.xml"))
        } else {
            println!("cargo-nextest is not installed: running with cargo test (slower, coarser report)");
            None
        };
        Self { servers, junit }
    }

    /// Runs the suites of the whole workspace, or what `arguments` narrow them to.
    pub(super) fn suites(&self, arguments: &[OsString], interrupt: &Interrupt) -> Result<Outcome> {
        let mut command = self.cargo();
        match &self.junit {
            Some(_) => {
                command.args(["nextest", "run", "--tool-config-file"]);
                command.arg(format!("xtask:{}", workspace::root().join("xtask/nextest.toml").display()));
            }
            None => {
                command.args(["test", "--no-fail-fast"]);
            }
        }
        command.args(scope(arguments)).args(with_skips(arguments, self.servers));
        match &self.junit {
            Some(junit) => nextest(&mut command, junit, interrupt),
            None => libtest(&mut command, "all suites", interrupt),
        }
    }

    /// Runs the examples in the documentation, which nextest does not know.
    pub(super) fn doc_tests(&self, interrupt: &Interrupt) -> Result<Outcome> {
        libtest(self.cargo().args(["test", "--doc", "--workspace", "--no-fail-fast"]), "doc tests", interrupt)
    }

    fn cargo(&self) -> Command {
        let mut command = workspace::cargo();
        command.envs(self.servers.environment());
        command
    }
}

fn nextest(command: &mut Command, junit: &PathBuf, interrupt: &Interrupt) -> Result<Outcome> {
    if junit.exists() {
        fs::remove_file(junit).context("cannot remove the report of the last run")?;
    }
    let status = process::run(command, interrupt)?;
    let tally = match fs::read_to_string(junit) {
        Ok(xml) => Tally::from_junit(&xml)?,
        // Nothing is written when the build failed.
        Err(_) if !status.success() => Tally::default(),
        Err(error) => return Err(error).with_context(|| format!("no report at {}", junit.display())),
    };
    Ok(Outcome { succeeded: status.success(), tally })
}

/// Passes the output on, line by line, and counts in it.
fn libtest(command: &mut Command, suite: &str, interrupt: &Interrupt) -> Result<Outcome> {
    let mut child = process::spawn(command.stdout(Stdio::piped()))?;
    let stdout = child.stdout.take().context("the runner has no output")?;
    let reader = thread::spawn(move || {
        let mut output = String::new();
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            println!("{line}");
            output.push_str(&line);
            output.push('\n');
        }
        output
    });
    let status = process::wait(&mut child, interrupt)?;
    let output = reader.join().map_err(|_| anyhow!("the output of the tests could not be read"))?;
    Ok(Outcome { succeeded: status.success(), tally: Tally::from_libtest(suite, &output) })
}

/// Everything, unless the caller says otherwise: cargo would let the wide option win over a narrow one.
fn scope(arguments: &[OsString]) -> Vec<&'static str> {
    const PACKAGES: &[&str] = &["-p", "--package"];
    const TARGETS: &[&str] =
        &["--lib", "--bin", "--bins", "--test", "--tests", "--example", "--examples", "--bench", "--benches"];
    let mut scope = Vec::new();
    if !has_option(arguments, PACKAGES) {
        scope.push("--workspace");
    }
    if !has_option(arguments, TARGETS) {
        scope.push("--all-targets");
    }
    scope
}

/// Whether one of the options stands before the tests' own arguments, as `--option value` or `--option=value`.
fn has_option(arguments: &[OsString], options: &[&str]) -> bool {
    let ours =
        arguments.iter().take_while(|argument| *argument != "--").filter_map(|argument| argument.to_str());
    ours.filter_map(|argument| argument.split('=').next()).any(|argument| options.contains(&argument))
}

/// Leaves out the tests whose server is missing: they could only pretend.
fn with_skips(arguments: &[OsString], servers: &Servers) -> Vec<OsString> {
    let mut arguments = arguments.to_vec();
    let skips: Vec<&OsStr> =
        servers.missing.iter().flat_map(|kind| ["--skip", kind.marker]).map(OsStr::new).collect();
    if !skips.is_empty() && !arguments.iter().any(|argument| argument == "--") {
        arguments.push("--".into());
    }
    arguments.extend(skips.into_iter().map(OsString::from));
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(text: &str) -> Vec<OsString> {
        text.split_whitespace().map(OsString::from).collect()
    }

    #[test]
    fn everything_runs_unless_the_caller_narrows_it() {
        let cases: [(&str, &[&str]); 5] = [
            ("", &["--workspace", "--all-targets"]),
            ("part_of_a_name -- -p", &["--workspace", "--all-targets"]),
            ("-p memcard-domain", &["--all-targets"]),
            ("--package=memcard-domain --lib", &[]),
            ("--test tidy", &["--workspace"]),
        ];
        for (given, expected) in cases {
            assert_eq!(scope(&arguments(given)), expected, "{given}");
        }
    }

    #[test]
    fn nothing_is_skipped_when_every_server_runs() {
        let servers = Servers { running: Vec::new(), missing: Vec::new() };
        assert_eq!(with_skips(&arguments("a -- b"), &servers), arguments("a -- b"));
    }

    #[test]
    fn tests_of_a_missing_server_are_skipped_in_the_runner_s_own_words() {
        let servers = Servers::without_any();
        assert_eq!(with_skips(&arguments("a"), &servers), arguments("a -- --skip postgres"));
        assert_eq!(with_skips(&arguments("a -- b"), &servers), arguments("a -- b --skip postgres"));
    }
}
