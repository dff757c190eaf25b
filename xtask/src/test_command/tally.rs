//! How many tests of which suite ran against what: read from the runner's own record, not from exit codes.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use anyhow::{Context as _, Result};

use crate::servers::against;

/// Counts per suite and what it ran against.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally(BTreeMap<(String, &'static str), Counts>);

/// How the tests of one row ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// They did what they say.
    pub(crate) passed: usize,
    /// They did not.
    pub(crate) failed: usize,
    /// They are marked `#[ignore]`.
    pub(crate) ignored: usize,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.ignored += other.ignored;
    }
}

impl Tally {
    /// Reads the JUnit report that nextest writes. A suite is a package; its binaries are added up.
    pub(crate) fn from_junit(xml: &str) -> Result<Self> {
        let document = roxmltree::Document::parse(xml).context("nextest's report is not XML")?;
        let mut tally = Self::default();
        for case in document.descendants().filter(|node| node.has_tag_name("testcase")) {
            let name = case.attribute("name").unwrap_or_default();
            let binary = case.attribute("classname").unwrap_or_default();
            let package = binary.split("::").next().unwrap_or_default();
            let failed =
                case.children().any(|node| node.has_tag_name("failure") || node.has_tag_name("error"));
            let ignored = case.children().any(|node| node.has_tag_name("skipped"));
            tally.add(package, against(package, name), Counts::one(failed, ignored));
        }
        Ok(tally)
    }

    /// Reads what `cargo test` prints, which does not name the package on the same stream.
    pub(crate) fn from_libtest(suite: &str, output: &str) -> Self {
        let mut tally = Self::default();
        for line in output.lines() {
            let Some((name, result)) = line.strip_prefix("test ").and_then(|line| line.rsplit_once(" ... "))
            else {
                continue;
            };
            let (failed, ignored) = (result.starts_with("FAILED"), result.starts_with("ignored"));
            if failed || ignored || result.starts_with("ok") {
                tally.add(suite, against(suite, name), Counts::one(failed, ignored));
            }
        }
        tally
    }

    /// Adds the counts of another run.
    pub(crate) fn merge(&mut self, other: Self) {
        for ((suite, against), counts) in other.0 {
            self.add(&suite, against, counts);
        }
    }

    /// The rows: suite, what it ran against, counts.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (&str, &'static str, Counts)> {
        self.0.iter().map(|((suite, against), counts)| (suite.as_str(), *against, *counts))
    }

    /// All rows added up.
    pub(crate) fn total(&self) -> Counts {
        self.0.values().fold(Counts::default(), |mut total, counts| {
            total += *counts;
            total
        })
    }

    fn add(&mut self, suite: &str, against: &'static str, counts: Counts) {
        *self.0.entry((suite.to_owned(), against)).or_default() += counts;
    }
}

impl Counts {
    fn one(failed: bool, ignored: bool) -> Self {
        Self {
            passed: usize::from(!failed && !ignored),
            failed: usize::from(failed),
            ignored: usize::from(ignored && !failed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(tally: &Tally) -> Vec<(&str, &str, [usize; 3])> {
        tally.rows().map(|(suite, against, n)| (suite, against, [n.passed, n.failed, n.ignored])).collect()
    }

    #[test]
    fn nextest_s_report_is_counted_per_package_and_server() {
        let xml = r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="nextest-run" tests="4" failures="1" errors="0">
    <testsuite name="memcard-store-diesel::contract" tests="3" disabled="0" errors="0" failures="1">
        <testcase name="sqlite::saves" classname="memcard-store-diesel::contract" time="0.1"/>
        <testcase name="postgres::saves" classname="memcard-store-diesel::contract" time="0.1">
            <failure type="test failure">left != right</failure>
        </testcase>
        <testcase name="postgres::devices" classname="memcard-store-diesel::contract" time="0.1"/>
    </testsuite>
    <testsuite name="memcard-store-diesel" tests="1" disabled="0" errors="0" failures="0">
        <testcase name="lanes::postgres" classname="memcard-store-diesel" time="0.1"/>
    </testsuite>
</testsuites>"#;
        let tally = Tally::from_junit(xml).unwrap();
        assert_eq!(
            rows(&tally),
            [
                ("memcard-store-diesel", "PostgreSQL", [2, 1, 0]),
                ("memcard-store-diesel", "SQLite", [1, 0, 0]),
            ]
        );
        assert_eq!(tally.total(), Counts { passed: 3, failed: 1, ignored: 0 });
    }

    #[test]
    fn a_broken_report_is_an_error() {
        assert!(Tally::from_junit("<testsuites>").is_err());
    }

    #[test]
    fn cargo_test_s_output_is_counted() {
        let output = "\nrunning 4 tests\n\
            test decision::table ... ok\n\
            test postgres::saves ... FAILED\n\
            test slow ... ignored, takes long\n\
            test src/lib.rs - Digest (line 3) ... ok\n\
            test talks while it runs ... not a result\n\
            \ntest result: FAILED. 2 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s\n";
        let tally = Tally::from_libtest("suites", output);
        assert_eq!(rows(&tally), [("suites", "PostgreSQL", [0, 1, 0]), ("suites", "in process", [2, 0, 1])]);
    }
}
