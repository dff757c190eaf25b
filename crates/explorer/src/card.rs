//! A device as it is: its memory card, what its client remembers, and where it stands in a sync. What the server
//! believes of it is in the store; here is what is so.

use memcard_domain::ids::{SaveId, SessionId, VersionId};

use crate::content::{ContentId, ContentSet};
use crate::setting::Client;

/// One device.
#[derive(Debug, Clone)]
pub(crate) struct Card {
    pub(crate) client: Client,
    /// Its number with the server.
    pub(crate) device: usize,
    pub(crate) file: Option<File>,
    /// The file it had before this one.
    pub(crate) backup: Option<File>,
    /// The content that the client last uploaded or downloaded, as far as it knows; kept by [`Client::Adopting`] only.
    pub(crate) adopted: Option<ContentId>,
    pub(crate) errand: Errand,
    /// The session of the errand.
    pub(crate) session: Option<SessionId>,
    /// A body that the server is sending, of which it will take note when it has sent all.
    pub(crate) sending: Option<Sending>,
    /// When the card's clock last moved.
    pub(crate) time: u32,
    pub(crate) past: Past,
}

/// What nobody but the checker knows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Past {
    /// What the card's file ever was, since it last lost all.
    pub(crate) held: ContentSet,
    /// What it was before that, while the server was not told.
    pub(crate) lost: ContentSet,
    /// What a late `downloaded` told of, which the card never held.
    pub(crate) misled: ContentSet,
    /// Whether the player went back to an older file since the card last played on or downloaded.
    pub(crate) went_back: bool,
}

/// A save file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct File {
    pub(crate) content: ContentId,
    /// By the device's clock.
    pub(crate) time: u32,
}

/// Where a client stands in a sync; whatever breaks off leaves it [`Idle`](Errand::Idle).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Errand {
    /// It is not syncing.
    Idle,
    /// It was told to upload.
    Upload,
    /// It was told to download.
    Download { row: SaveId, over: Over },
    /// It was told of a conflict, or was refused.
    Choose { row: SaveId },
    /// The body is on its way, not in the file yet.
    Receive { row: SaveId, version: VersionId, content: ContentId, over: Over },
    /// The file is written; the server does not know.
    Confirm { row: SaveId, content: ContentId },
    /// All is done but completing the session.
    Finish,
}

/// Why a file may be written over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Over {
    /// The server held its bytes as a version, or as a fork that still counts, when it was decided; or there was none.
    Kept,
    /// The server held them as a fork that was resolved away.
    ResolvedFork,
    /// The client, told of a conflict, settled it by itself, since it takes its file for one that the server had.
    Settled,
    /// The player chose to.
    Chosen,
}

/// A body on its way to an optimistic client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sending {
    pub(crate) version: VersionId,
    pub(crate) session: Option<SessionId>,
}

/// A request that the network holds back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct HeldBack {
    /// Whose it is: a place in the world's cards.
    pub(crate) card: usize,
    pub(crate) request: Request,
    pub(crate) arrival: Arrival,
}

/// What is held back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Request {
    /// A guarded upload.
    Upload { content: ContentId, session: Option<SessionId> },
    /// A `downloaded`, and the content it truly speaks of.
    Downloaded { row: SaveId, content: ContentId },
}

impl Request {
    /// The content that is sent or spoken of.
    pub(crate) const fn content(self) -> ContentId {
        match self {
            Self::Upload { content, .. } | Self::Downloaded { content, .. } => content,
        }
    }

    /// The session it names.
    pub(crate) const fn session(self) -> Option<SessionId> {
        match self {
            Self::Upload { session, .. } => session,
            Self::Downloaded { .. } => None,
        }
    }
}

/// How often the server sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arrival {
    /// It saw it before.
    Again,
    /// It did not: the client gave up waiting.
    First,
}

impl Card {
    pub(crate) fn new(client: Client, device: usize) -> Self {
        Self {
            client,
            device,
            file: None,
            backup: None,
            adopted: None,
            errand: Errand::Idle,
            session: None,
            sending: None,
            time: 0,
            past: Past::default(),
        }
    }

    /// The file becomes this content, the one before it the backup.
    pub(crate) fn write(&mut self, content: ContentId) {
        if self.client.has_clock() {
            self.time += 1;
        }
        self.backup = self.file.take();
        self.file = Some(File { content, time: self.time });
        self.past.held.insert(content);
        self.past.went_back = false;
    }

    /// Back to the file before, its time included, as from a backup.
    pub(crate) fn roll_back(&mut self) {
        std::mem::swap(&mut self.file, &mut self.backup);
        self.past.went_back = true;
    }

    /// All files are gone, and with them what the client remembered.
    pub(crate) fn lose_files(&mut self) {
        self.file = None;
        self.backup = None;
        self.adopted = None;
        self.past.lost = self.past.lost.union(self.past.held);
        self.past.held = ContentSet::default();
    }

    /// The client takes note of what it now shares with the server.
    pub(crate) fn adopt(&mut self) {
        if self.client == Client::Adopting {
            self.adopted = self.file.map(|file| file.content);
        }
    }

    /// The client is no longer syncing.
    pub(crate) fn rest(&mut self) {
        self.errand = Errand::Idle;
        self.session = None;
    }

    /// Whether an adopting client takes its file for unchanged; it then settles a conflict by itself.
    pub(crate) fn seems_unchanged(&self) -> bool {
        self.client == Client::Adopting
            && self.adopted.is_some()
            && self.file.map(|file| file.content) == self.adopted
    }
}
