//! Devices as they truly are: their files, their clocks, and what they are in the middle of.

use std::collections::{BTreeSet, VecDeque};

use chrono::{DateTime, Duration, Utc};
use memcard_explorer::Client;
use uuid::Uuid;

use crate::contents::ContentId;

/// How a device tells the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DeviceClock {
    Right,
    AnHourBehind,
    TenYearsAhead,
    /// It gains ten minutes an hour.
    Drifting,
    /// It has none: every file is of the first second of 1970.
    None,
}

impl DeviceClock {
    /// Every kind that tells one file's time from another's.
    const THAT_GO: [Self; 4] = [Self::Right, Self::AnHourBehind, Self::TenYearsAhead, Self::Drifting];

    /// The kind of that number. A client that names no hash of its file needs a clock that goes: without one nobody could
    /// see that its file changed.
    pub(crate) fn of(client: Client, number: usize) -> Self {
        match client.hashes_file() && number.is_multiple_of(3) {
            true => Self::None,
            false => Self::THAT_GO[number % Self::THAT_GO.len()],
        }
    }

    /// What it shows at `now`.
    pub(crate) fn shows(self, now: DateTime<Utc>, since: DateTime<Utc>) -> DateTime<Utc> {
        match self {
            Self::Right => now,
            Self::AnHourBehind => now - Duration::hours(1),
            Self::TenYearsAhead => now + Duration::days(3652),
            Self::Drifting => now + (now - since) / 6,
            Self::None => DateTime::UNIX_EPOCH,
        }
    }
}

/// A file on a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct File {
    pub(crate) content: ContentId,
    pub(crate) time: DateTime<Utc>,
}

/// A game's file on a device.
#[derive(Debug, Clone, Default)]
pub(crate) struct Card {
    pub(crate) file: Option<File>,
    /// What the player may go back to.
    pub(crate) backup: Option<File>,
    /// The content that the client last sent or received.
    pub(crate) adopted: Option<ContentId>,
    /// Every content that its file ever had.
    pub(crate) held: BTreeSet<ContentId>,
    /// Whether the player ever went back: its file may then derive from another than the server has reason to think.
    pub(crate) went_back: bool,
}

impl Card {
    pub(crate) fn put(&mut self, file: File) {
        self.backup = self.file.replace(file);
        self.held.insert(file.content);
    }
}

/// Why a device writes over its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Over {
    /// Because the server said so: the player is not asked.
    Planned,
    /// Because the player chose the server's side.
    Chosen,
}

/// What a client still has to do in a cycle; the game is the number of a card.
#[derive(Debug, Clone)]
pub(crate) enum Task {
    Upload {
        game: usize,
    },
    /// The player is asked.
    Settle {
        game: usize,
        row: i32,
    },
    Overwrite {
        game: usize,
    },
    Fetch {
        game: usize,
        row: i32,
        over: Over,
    },
    Write {
        game: usize,
        row: i32,
        content: ContentId,
        over: Over,
    },
    Confirm {
        row: i32,
    },
    Complete,
}

/// A cycle that is under way.
#[derive(Debug, Clone)]
pub(crate) struct Cycle {
    pub(crate) session: i32,
    pub(crate) left: VecDeque<Task>,
}

/// Something that plays.
pub(crate) struct Device {
    pub(crate) id: Uuid,
    /// Whose, by the owner's number.
    pub(crate) owner: usize,
    pub(crate) token: String,
    pub(crate) client: Client,
    pub(crate) clock: DeviceClock,
    pub(crate) mac_address: String,
    pub(crate) cards: Vec<Card>,
    pub(crate) cycle: Option<Cycle>,
}
