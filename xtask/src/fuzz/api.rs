//! Schemathesis over HTTP: requests made of the API's description, for the real server in a folder of its own.
//!
//! Every answer must be one that the description names: status, media type and shape, and never a 5xx. What is refused is
//! the contract's affair, and tested there.

use std::fs;
use std::io::{BufRead as _, BufReader, Lines};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use rustix::process::Signal;
use serde_json::Value;
use tempfile::TempDir;

use super::{Plan, Report};
use crate::process::{self, Interrupt};
use crate::workspace;

const CHECKS: &str =
    "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance";

/// Server-sent events have no end, which Schemathesis would wait for.
const ENDLESS: &str = "/api/events";

/// Fuzzes the API as an administrator. What is known of the people and things there are is in `xtask/fuzz/hooks.py`.
pub(super) fn fuzz(plan: Plan, interrupt: &Interrupt) -> Result<Report> {
    let program = schemathesis(interrupt)?;
    let server = Server::start(interrupt)?;
    let report = super::folder().join("api.json");
    let mut command = Command::new(program);
    command
        .args(["run", &format!("{}/api/openapi.json", server.origin)])
        .args(["--checks", CHECKS, "--exclude-path", ENDLESS, "--continue-on-failure"])
        .arg(format!("--max-time={}", plan.time.as_secs()))
        .arg(format!("--seed={}", plan.seed))
        .args(["--report", "json", "--report-json-path"])
        .arg(&report)
        .current_dir(server.folder.path())
        .env("PYTHONPATH", files())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("SCHEMATHESIS_HOOKS", "hooks")
        .env("MEMCARD_FUZZ_ORIGIN", &server.origin)
        .env("MEMCARD_FUZZ_SETUP_TOKEN", &server.setup_token);
    let status = process::run(&mut command, interrupt)?;
    let said = fs::read(&report).with_context(|| format!("Schemathesis left no report ({status})"))?;
    let (inputs, findings) = figures(&said)?;
    // An end for another reason is a finding as well.
    let findings = if status.success() { findings } else { findings.max(1) };
    Ok(Report { name: "api".to_owned(), inputs, findings })
}

/// How many requests were tried, and how many different failures and errors came of them.
fn figures(report: &[u8]) -> Result<(u64, u64)> {
    let report: Value = serde_json::from_slice(report).context("Schemathesis's report is no JSON")?;
    let number =
        |name: &str| report["test_cases"][name].as_u64().with_context(|| format!("no number {name}"));
    let errors = report["errors"].as_array().context("no errors")?.len() as u64;
    Ok((number("generated")?, number("unique_failures")? + errors))
}

/// Where what Schemathesis is told lies.
fn files() -> PathBuf {
    workspace::root().join("xtask/fuzz")
}

/// Installs the pinned versions once, in an environment of their own.
fn schemathesis(interrupt: &Interrupt) -> Result<PathBuf> {
    let requirements = files().join("requirements.txt");
    let wanted = fs::read(&requirements).context("cannot read requirements.txt")?;
    let environment = super::folder().join("python");
    let installed = environment.join("requirements.txt");
    if fs::read(&installed).ok().as_ref() != Some(&wanted) {
        let mut python = Command::new("python3");
        python.args(["-m", "venv", "--clear"]).arg(&environment);
        must_pass(&mut python, interrupt).context("Schemathesis needs Python 3.10 or newer, with venv")?;
        let mut pip = Command::new(environment.join("bin/pip"));
        pip.args(["install", "--quiet", "--requirement"]).arg(&requirements);
        must_pass(&mut pip, interrupt)?;
        fs::write(&installed, wanted).context("cannot note what is installed")?;
    }
    Ok(environment.join("bin/schemathesis"))
}

/// A server that nobody else uses, without accounts. Dropping it ends it and removes all it kept.
struct Server {
    _process: Running,
    /// Kept open: the server may say more.
    _output: Lines<BufReader<ChildStdout>>,
    folder: TempDir,
    origin: String,
    setup_token: String,
}

impl Server {
    fn start(interrupt: &Interrupt) -> Result<Self> {
        must_pass(workspace::cargo().args(["build", "--package", "memcard-server"]), interrupt)?;
        let folder =
            tempfile::Builder::new().prefix("memcard-fuzz-").tempdir().context("no temporary folder")?;
        let mut process = launch(folder.path())?;
        let output = process.0.stdout.take().context("the server has no output")?;
        let mut output = BufReader::new(output).lines();
        let link = output
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| Some(line.split_once("account at ")?.1.to_owned()));
        let (origin, setup_token) = link
            .as_deref()
            .and_then(|link| link.split_once("/setup?token="))
            .context("the server did not say where to make the first account")?;
        let (origin, setup_token) = (origin.to_owned(), setup_token.to_owned());
        Ok(Self { _process: process, _output: output, folder, origin, setup_token })
    }
}

/// The server believes its proxy, so that each request can come from a client of its own: limits are per client.
fn launch(folder: &Path) -> Result<Running> {
    let mut command = Command::new(workspace::target_folder().join("debug/memcard-server"));
    command
        .args([
            "--log",
            "warn",
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--trusted-proxy",
            "127.0.0.1/32",
            "--data",
        ])
        .arg(folder.join("data"))
        .stdout(Stdio::piped());
    Ok(Running(process::spawn(&mut command)?))
}

/// A process that ends with this.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        process::stop(&mut self.0, Signal::TERM);
    }
}

fn must_pass(command: &mut Command, interrupt: &Interrupt) -> Result<()> {
    let status = process::run(command, interrupt)?;
    ensure!(status.success(), "{} failed ({status})", command.get_program().to_string_lossy());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_and_errors_are_findings() {
        let report =
            br#"{"test_cases":{"generated":3948,"with_failures":2,"unique_failures":2},"errors":[{}]}"#;
        assert_eq!(figures(report).unwrap(), (3948, 3));
        assert!(figures(b"{}").is_err());
    }
}
