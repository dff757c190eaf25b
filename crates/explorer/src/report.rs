//! What an exploration came to, for people to read.

use std::fmt;
use std::time::Duration;

use crate::promise::{Finding, Promise, Tally};
use crate::search::End;
use crate::setting::Setting;

/// What an exploration came to.
#[derive(Debug)]
pub struct Report {
    /// What was explored.
    pub setting: Setting,
    /// How many different states there were.
    pub states: usize,
    /// How many steps between them were taken.
    pub transitions: u64,
    /// How many of the states come to rest from different points.
    pub settled: u64,
    /// The depth up to which every state was expanded.
    pub depth: u32,
    /// Why it ended.
    pub end: End,
    /// How long it took.
    pub took: Duration,
    /// How often each promise was checked.
    pub tally: Tally,
    /// The first of each kind of finding.
    pub findings: Vec<Told>,
}

/// A finding and how it comes about.
#[derive(Debug)]
pub struct Told {
    /// What was found.
    pub finding: Finding,
    /// A shortest way to it, one line a step.
    pub trace: Vec<String>,
}

impl Report {
    /// The promises that are broken.
    pub fn broken(&self) -> impl Iterator<Item = &Told> {
        self.findings.iter().filter(|told| matches!(told.finding, Finding::Broken(..)))
    }

    /// Whether every promise holds as far as it can.
    pub fn holds(&self) -> bool {
        self.broken().next().is_none()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Setting { clients, start, events, .. } = &self.setting;
        writeln!(f, "{clients}, {start}, with {events}")?;
        writeln!(
            f,
            "  {} states, {} transitions, {} ways to rest, depth {} ({}), {:.1} s",
            self.states,
            self.transitions,
            self.settled,
            self.depth,
            self.end,
            self.took.as_secs_f64(),
        )?;
        for promise in Promise::ALL {
            writeln!(f, "  {:>12} times: {}", self.tally.of(*promise), promise.text())?;
        }
        self.findings.iter().try_for_each(|told| write!(f, "{told}"))
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "  {}", self.finding)?;
        let numbered = self.trace.iter().zip(1..);
        numbered.into_iter().try_for_each(|(step, number)| writeln!(f, "    {number:>2}. {step}"))
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Exhausted => "there is nothing more",
            Self::Depth => "as deep as asked for",
            Self::Time => "the time was up",
            Self::Broken => "a promise is broken",
        })
    }
}
