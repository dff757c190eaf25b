//! What a simulation came to.

use std::collections::BTreeMap;
use std::fmt;

use sha2::{Digest as _, Sha256};

use crate::{Ablation, Setting};

/// Most losses that are told one by one.
const TOLD: usize = 20;

/// Something that must not happen, ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Loss {
    /// A head was replaced by a device that never held it, and not set aside.
    LostUpdate,
    /// A device was told to write over a file whose bytes the server does not hold.
    SilentLocalLoss,
    /// An upload won that was not based on the head.
    DoubleWin,
    /// A body was not the version's.
    TornRead,
    /// Bytes of an answered upload could not be fetched again.
    Unrecoverable,
    /// A request that came again replaced a head.
    Replay,
    /// Devices that stopped changing did not end on the head.
    NotConverged,
    /// The head was not the visible row with the greatest `updated_at`, or times did not increase with the order.
    Disorder,
    /// The server answered 5xx.
    ServerError,
}

impl Loss {
    /// Every kind.
    pub const ALL: [Self; 9] = [
        Self::LostUpdate,
        Self::SilentLocalLoss,
        Self::DoubleWin,
        Self::TornRead,
        Self::Unrecoverable,
        Self::Replay,
        Self::NotConverged,
        Self::Disorder,
        Self::ServerError,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::LostUpdate => "lost updates",
            Self::SilentLocalLoss => "silent local losses",
            Self::DoubleWin => "double wins",
            Self::TornRead => "torn reads",
            Self::Unrecoverable => "unrecoverable uploads",
            Self::Replay => "heads moved by a replay",
            Self::NotConverged => "slots that did not converge",
            Self::Disorder => "histories in disorder",
            Self::ServerError => "server errors",
        }
    }
}

macro_rules! happenings {
    ($($name:ident = $words:literal,)*) => {
        /// Something that may happen, and is counted.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Happening { $($name,)* }

        impl Happening {
            const ALL: &'static [Self] = &[$(Self::$name),*];

            const fn words(self) -> &'static str {
                match self { $(Self::$name => $words,)* }
            }
        }
    };
}

happenings! {
    Played = "games played",
    WentBack = "files taken back",
    Negotiated = "negotiations",
    Crashed = "cycles broken off",
    LostRequest = "requests lost",
    LostAnswer = "answers lost",
    CameAgain = "requests that came again later",
    Accepted = "uploads accepted, or of what the head has",
    Refused = "uploads refused and kept",
    Overwrote = "uploads that overwrite",
    Downloaded = "downloads",
    Conflict = "conflicts planned",
    SpuriousConflict = "of them between a file and what it was played on from, without going back",
    SetAside = "heads replaced and set aside",
    WebUpload = "uploads without a device",
    Deleted = "rows deleted",
    Restored = "versions restored",
    Resolved = "forks resolved",
    Registered = "devices set up anew",
    Calm = "times that all came to rest",
    Fetched = "versions fetched again at the end",
}

/// What a simulation came to: no times, so that the same run gives the same report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    setting: Setting,
    steps: u64,
    requests: u64,
    seasons: u64,
    happened: BTreeMap<Happening, u64>,
    lost: BTreeMap<Loss, u64>,
    told: Vec<String>,
    transcript: [u8; 32],
}

impl Report {
    pub(crate) fn new(setting: Setting) -> Self {
        Self {
            setting,
            steps: 0,
            requests: 0,
            seasons: 0,
            happened: BTreeMap::new(),
            lost: BTreeMap::new(),
            told: Vec::new(),
            transcript: [0; 32],
        }
    }

    /// The seed of the season that begins.
    pub(crate) fn next_season(&mut self) -> u64 {
        self.seasons += 1;
        self.setting.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(self.seasons)
    }

    /// Whether a rule is left out.
    pub(crate) fn is_without(&self, rule: Ablation) -> bool {
        self.setting.ablation == Some(rule)
    }

    /// A step begins.
    pub(crate) fn count_step(&mut self) {
        self.steps += 1;
    }

    pub(crate) fn count(&mut self, happening: Happening) {
        *self.happened.entry(happening).or_default() += 1;
    }

    pub(crate) fn lose(&mut self, loss: Loss, how: &str) {
        *self.lost.entry(loss).or_default() += 1;
        if self.told.len() < TOLD {
            self.told.push(format!("season {}, step {}: {}: {how}", self.seasons, self.steps, loss.name()));
        }
    }

    /// A season has ended after so many requests, whose transcript has that digest.
    pub(crate) fn end_season(&mut self, requests: u64, transcript: [u8; 32]) {
        self.requests += requests;
        self.transcript =
            Sha256::new().chain_update(self.transcript).chain_update(transcript).finalize().into();
    }

    /// How often something was lost.
    pub fn lost(&self, loss: Loss) -> u64 {
        self.lost.get(&loss).copied().unwrap_or_default()
    }

    /// Whether nothing was lost.
    pub fn holds(&self) -> bool {
        Loss::ALL.iter().all(|loss| self.lost(*loss) == 0)
    }

    /// What happened never: a simulation in which much does not happen shows little.
    pub fn idle(&self) -> Vec<&'static str> {
        let happened = |happening: &&Happening| self.happened.contains_key(happening);
        Happening::ALL
            .iter()
            .filter(|happening| !happened(happening))
            .map(|happening| happening.words())
            .collect()
    }

    /// The digest of every request and answer, in order.
    pub const fn transcript(&self) -> [u8; 32] {
        self.transcript
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Setting { seed, .. } = self.setting;
        writeln!(
            f,
            "seed {seed}: {} steps, {} requests, {} seasons",
            self.steps, self.requests, self.seasons
        )?;
        for happening in Happening::ALL {
            let times = self.happened.get(happening).copied().unwrap_or_default();
            writeln!(f, "{times:>10}  {}", happening.words())?;
        }
        writeln!(f, "must be 0:")?;
        for loss in Loss::ALL {
            writeln!(f, "{:>10}  {}", self.lost(loss), loss.name())?;
        }
        for told in &self.told {
            writeln!(f, "  {told}")?;
        }
        write!(f, "transcript ")?;
        self.transcript.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
