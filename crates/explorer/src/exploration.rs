//! The space of all states of a setting.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use crate::action::Action;
use crate::code::{decode, encode, encode_at_rest};
use crate::promise::{Checker, Finding, Limit, Promise, Step as Seen, Tally};
use crate::reading::Reading;
use crate::report::{Report, Told};
use crate::search::{self, Bounds, Explored, Space, Step};
use crate::server::{Answer, Failure};
use crate::setting::{Setting, Start};
use crate::settle::{Resolution, bring_in_sync, settle};
use crate::story::tell;
use crate::world::{Happened, World, possible};

/// The exploration itself failed.
#[derive(Debug, thiserror::Error)]
#[error("the exploration failed: {0}")]
pub struct ExploreError(String);

impl From<Failure> for ExploreError {
    fn from(failure: Failure) -> Self {
        Self(failure.to_string())
    }
}

/// Explores a setting.
///
/// # Errors
/// The explorer contradicts itself; that a promise is broken is no error but a finding.
pub fn explore(setting: &Setting) -> Result<Report, ExploreError> {
    let began = Instant::now();
    let empty = World::empty(setting)?;
    let mut first = empty.snapshot();
    if setting.start == Start::InSync {
        bring_in_sync(&mut first)?;
    }
    let at_rest = Mutex::default();
    let mut states = States { setting, empty, first, at_rest, tally: Tally::default(), settled: 0 };
    let bounds = Bounds { depth: setting.depth, time: setting.time, threads: setting.threads };
    let mut kinds = BTreeSet::new();
    let explored = search::explore(&mut states, bounds, |finding| kinds.insert(Kind::of(finding)))?;
    let Explored { states: count, transitions, depth, end, findings } = explored;
    let mut told = Vec::new();
    for (finding, actions) in findings {
        told.push(Told { finding, trace: tell(&states.first, &actions)? });
    }
    Ok(Report {
        setting: setting.clone(),
        states: count,
        transitions,
        settled: states.settled,
        depth,
        end,
        took: began.elapsed(),
        tally: states.tally,
        findings: told,
    })
}

/// Findings of one kind are told once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Broken(Promise),
    Limit(Limit),
}

impl Kind {
    fn of(finding: &Finding) -> Self {
        match finding {
            Finding::Broken(promise, _) => Self::Broken(*promise),
            Finding::Limit(limit) => Self::Limit(*limit),
        }
    }
}

struct States<'a> {
    setting: &'a Setting,
    empty: World,
    first: World,
    /// Where states settled from so far.
    at_rest: Mutex<search::Seen>,
    tally: Tally,
    settled: u64,
}

/// What a thread counts.
#[derive(Default)]
struct Notes {
    tally: Tally,
    settled: u64,
}

impl Space for States<'_> {
    type Action = Action;
    type Notes = Notes;
    type Finding = Finding;
    type Error = Failure;

    fn first(&self) -> Answer<Vec<u8>> {
        Ok(encode(&self.first, &Reading::of(&self.first)?).bytes)
    }

    /// Lets the state come to rest, if none before it did from the same point.
    fn look_at(&self, code: &[u8], notes: &mut Notes) -> Answer<Vec<Finding>> {
        let world = decode(&self.empty, code)?;
        let reading = Reading::of(&world)?;
        let at_rest = encode_at_rest(&world, &reading);
        if !self.at_rest.lock().unwrap_or_else(PoisonError::into_inner).insert(&at_rest) {
            return Ok(Vec::new());
        }
        notes.settled += 1;
        let mut findings = Vec::new();
        for resolution in [Resolution::KeepServer, Resolution::KeepLocal] {
            notes.tally.count(Promise::Convergent);
            if let Some(wrong) = settle(world.snapshot(), resolution)? {
                findings.push(Finding::Broken(Promise::Convergent, wrong));
            }
        }
        Ok(findings)
    }

    fn expand(&self, code: &[u8], notes: &mut Notes) -> Answer<Vec<Step<Action, Finding>>> {
        let world = decode(&self.empty, code)?;
        let before = Reading::of(&world)?;
        let actions = possible(&world, &before, self.setting);
        actions.into_iter().map(|action| self.step(&world, &before, action, &mut notes.tally)).collect()
    }

    fn is_final(&self, finding: &Finding) -> bool {
        matches!(finding, Finding::Broken(..))
    }

    fn gather(&mut self, notes: Notes) {
        self.tally.add(&notes.tally);
        self.settled += notes.settled;
    }
}

impl States<'_> {
    fn step(
        &self,
        from: &World,
        before: &Reading,
        action: Action,
        tally: &mut Tally,
    ) -> Answer<Step<Action, Finding>> {
        let mut world = from.snapshot();
        tally.count(Promise::NeverBroken);
        let happened = match world.act(action, before) {
            Ok(happened) => happened,
            // Whoever is refused leaves everything as it was.
            Err(Failure::Refused(_)) => Happened::Nothing,
            Err(Failure::Broken(how)) => {
                let findings = vec![Finding::Broken(Promise::NeverBroken, how)];
                return Ok(Step { action, code: None, findings });
            }
        };
        let after = Reading::of(&world)?;
        let seen = Seen { action, before, after: &after, world: &world, happened: &happened };
        let findings = Checker::new(seen, tally).check()?;
        let fits = after.saves.len() <= self.setting.versions;
        let code = fits.then(|| encode(&world, &after).bytes);
        Ok(Step { action, code, findings })
    }
}
