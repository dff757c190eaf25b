//! Servers that suites run against: found on this machine, started for the time of the tests, ended with them.
//!
//! A further server is one more module with a [`Kind`], and its name in [`KINDS`].
//!
//! **Invariant:** a server listens on the loopback address only, keeps everything in a temporary folder, and ends
//! when its guard is dropped: after success, failure, an interrupt or a panic.

pub(crate) mod postgres;

use anyhow::{Context as _, Result};

use crate::process::Interrupt;

/// Every server the suites know of.
const KINDS: &[&Kind] = &[&postgres::KIND];

/// What must be known of a server to run suites against it.
pub(crate) struct Kind {
    /// What people call it.
    pub(crate) name: &'static str,
    /// The word by which the tests that need it are known: it is part of their names.
    pub(crate) marker: &'static str,
    /// The programs that are looked for.
    pub(crate) programs: &'static str,
    /// What to do when they are missing.
    pub(crate) remedy: &'static str,
    /// Starts it; none where it is not installed.
    start: fn(&Interrupt) -> Result<Option<Running>>,
}

/// A server that answers. Dropping it ends it.
pub(crate) struct Running {
    /// What the tests read to find it.
    variable: &'static str,
    /// The value of that variable.
    value: String,
    /// Ends the server; none where it is somebody else's.
    _guard: Option<Box<dyn Send>>,
}

/// All servers of one run.
pub(crate) struct Servers {
    /// Those that answer.
    pub(crate) running: Vec<(&'static Kind, Running)>,
    /// Those that are not installed.
    pub(crate) missing: Vec<&'static Kind>,
}

impl Servers {
    /// Starts what is installed.
    pub(crate) fn start(interrupt: &Interrupt) -> Result<Self> {
        let mut servers = Self { running: Vec::new(), missing: Vec::new() };
        for kind in KINDS {
            interrupt.check()?;
            match (kind.start)(interrupt).with_context(|| format!("cannot start {}", kind.name))? {
                Some(server) => servers.running.push((kind, server)),
                None => servers.missing.push(kind),
            }
        }
        Ok(servers)
    }

    /// What the tests need in their environment.
    pub(crate) fn environment(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.running.iter().map(|(_, server)| (server.variable, server.value.as_str()))
    }

    /// A machine on which nothing is installed.
    #[cfg(test)]
    pub(crate) fn without_any() -> Self {
        Self { running: Vec::new(), missing: KINDS.to_vec() }
    }
}

/// What a test runs against, by its name. This package speaks of servers too, but does not run against any.
pub(crate) fn against(package: &str, test: &str) -> &'static str {
    if package == env!("CARGO_PKG_NAME") {
        return "in process";
    }
    match KINDS.iter().find(|kind| test.contains(kind.marker)) {
        Some(kind) => kind.name,
        None if test.contains("sqlite") => "SQLite",
        None => "in process",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_says_by_its_name_what_it_runs_against() {
        assert_eq!(against("memcard-store-diesel", "contract::postgres::saves"), "PostgreSQL");
        assert_eq!(against("memcard-store-diesel", "contract::sqlite::saves"), "SQLite");
        assert_eq!(against("xtask", "servers::postgres::tests::a"), "in process");
        assert_eq!(against("memcard-domain", "decision::table"), "in process");
    }
}
