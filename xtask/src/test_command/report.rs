//! The closing table: what ran against what, and what did not run.

use std::fmt;

use anyhow::{Result, bail};

use super::tally::Tally;
use crate::servers::Servers;

/// What one run came to.
pub(super) struct Report<'a> {
    pub(super) tally: Tally,
    pub(super) servers: &'a Servers,
    /// Whether every runner ended well.
    pub(super) succeeded: bool,
    /// Whether nothing was left out by the caller.
    pub(super) complete: bool,
}

impl Report<'_> {
    /// An error when something failed, and in CI also when something was skipped.
    pub(super) fn verdict(&self, is_ci: bool) -> Result<()> {
        if !self.succeeded || self.tally.total().failed > 0 {
            bail!("tests failed");
        }
        if let Some(name) = self.unused_server() {
            bail!("{name} was started, but no test has its word in the name: see xtask/src/servers");
        }
        if is_ci && !self.servers.missing.is_empty() {
            bail!("suites were skipped (see above), and in CI none may be");
        }
        Ok(())
    }

    /// A server that no test ran against would mean that the tests' names and the markers have drifted apart.
    fn unused_server(&self) -> Option<&'static str> {
        let used = |name: &str| self.tally.rows().any(|(_, against, _)| against == name);
        let mut names = self.servers.running.iter().map(|(kind, _)| kind.name);
        names.find(|name| self.complete && !used(name))
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n{:<28} {:<12} {:>7} {:>7} {:>7}", "suite", "against", "passed", "failed", "ignored")?;
        for (suite, against, counts) in self.tally.rows() {
            let [passed, failed, ignored] = [counts.passed, counts.failed, counts.ignored];
            writeln!(f, "{suite:<28} {against:<12} {passed:>7} {failed:>7} {ignored:>7}")?;
        }
        for kind in &self.servers.missing {
            writeln!(f, "\n!!! SKIPPED: every test against {} !!!", kind.name)?;
            writeln!(f, "!!! not found on this machine: {}", kind.programs)?;
            writeln!(f, "!!! {}", kind.remedy)?;
        }
        let total = self.tally.total();
        writeln!(f, "\ntests: {} passed, {} failed, {} skipped", total.passed, total.failed, total.ignored)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report<'a>(servers: &'a Servers, junit_case: &str) -> Report<'a> {
        let tally = Tally::from_junit(&format!("<testsuites>{junit_case}</testsuites>")).unwrap();
        Report { tally, servers, succeeded: true, complete: true }
    }

    const PASSED: &str = r#"<testcase name="a" classname="memcard-domain"/>"#;

    #[test]
    fn a_skip_is_loud_and_fails_only_in_ci() {
        let servers = Servers::without_any();
        let report = report(&servers, PASSED);
        let text = report.to_string();
        assert!(text.contains("SKIPPED: every test against PostgreSQL"), "{text}");
        assert!(text.contains("apt-get install postgresql"), "{text}");
        assert!(text.ends_with("\ntests: 1 passed, 0 failed, 0 skipped\n"), "{text}");
        assert!(report.verdict(false).is_ok());
        assert!(report.verdict(true).is_err());
    }

    #[test]
    fn a_failure_is_a_failure_even_if_the_runner_says_otherwise() {
        let servers = Servers { running: Vec::new(), missing: Vec::new() };
        let failed = r#"<testcase name="a" classname="memcard-domain"><failure/></testcase>"#;
        assert!(report(&servers, failed).verdict(false).is_err());
        let broken_build = Report { succeeded: false, ..report(&servers, PASSED) };
        assert!(broken_build.verdict(false).is_err());
    }
}
