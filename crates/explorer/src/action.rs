//! What can happen. Cards, versions and copies are named by their place in the state's code.

use std::fmt;

/// One step from one state to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    /// The player plays on, or begins anew where there is no file.
    Play(u8),
    /// The player goes back to the file before.
    RollBack(u8),
    /// The card loses all files; the device keeps its identity.
    LoseFiles(u8),
    /// The device registers again, without its token.
    Register(u8),
    /// The device registers again as one that starts anew.
    StartAnew(u8),
    /// The client negotiates, and gets its plan.
    Negotiate(u8),
    /// The client uploads, as it was told.
    Upload(u8, Fate),
    /// In a conflict the player keeps what the device has.
    KeepLocal(u8),
    /// In a conflict the player keeps what the server has: the download begins.
    KeepServer(u8),
    /// The client begins the download it was told of.
    Fetch(u8),
    /// The server notes that it has sent the whole body.
    Deliver(u8),
    /// The client writes what it downloaded.
    Write(u8),
    /// The client says `downloaded`.
    Confirm(u8, Fate),
    /// The client completes its session.
    Complete(u8),
    /// The client crashes, or loses its connection, and forgets its errand.
    GiveUp(u8),
    /// A request that was held back arrives.
    Arrive(u8),
    /// The slot is taken out of the device's sync.
    Untrack(u8),
    /// And back in.
    Track(u8),
    /// A row is deleted; a fork is dismissed.
    Delete(u8),
    /// Retention lets go of a version's bytes.
    Release(u8),
    /// A save is uploaded without a device.
    WebUpload,
}

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is answered.
    Answered,
    /// The answer is lost.
    AnswerLost,
    /// It is answered, and the network will deliver it again.
    Copied,
    /// It will arrive later; the client gives up.
    Delayed,
}

impl Action {
    /// The card that acts, where one does.
    pub(crate) const fn card(self) -> Option<u8> {
        match self {
            Self::Play(card)
            | Self::RollBack(card)
            | Self::LoseFiles(card)
            | Self::Register(card)
            | Self::StartAnew(card)
            | Self::Negotiate(card)
            | Self::Upload(card, _)
            | Self::KeepLocal(card)
            | Self::KeepServer(card)
            | Self::Fetch(card)
            | Self::Deliver(card)
            | Self::Write(card)
            | Self::Confirm(card, _)
            | Self::Complete(card)
            | Self::GiveUp(card)
            | Self::Untrack(card)
            | Self::Track(card) => Some(card),
            Self::Arrive(_) | Self::Delete(_) | Self::Release(_) | Self::WebUpload => None,
        }
    }
}

impl Action {
    /// The same by another card.
    #[must_use]
    pub(crate) fn by(self, other: impl Fn(u8) -> u8) -> Self {
        match self {
            Self::Play(card) => Self::Play(other(card)),
            Self::RollBack(card) => Self::RollBack(other(card)),
            Self::LoseFiles(card) => Self::LoseFiles(other(card)),
            Self::Register(card) => Self::Register(other(card)),
            Self::StartAnew(card) => Self::StartAnew(other(card)),
            Self::Negotiate(card) => Self::Negotiate(other(card)),
            Self::Upload(card, fate) => Self::Upload(other(card), fate),
            Self::KeepLocal(card) => Self::KeepLocal(other(card)),
            Self::KeepServer(card) => Self::KeepServer(other(card)),
            Self::Fetch(card) => Self::Fetch(other(card)),
            Self::Deliver(card) => Self::Deliver(other(card)),
            Self::Write(card) => Self::Write(other(card)),
            Self::Confirm(card, fate) => Self::Confirm(other(card), fate),
            Self::Complete(card) => Self::Complete(other(card)),
            Self::GiveUp(card) => Self::GiveUp(other(card)),
            Self::Untrack(card) => Self::Untrack(other(card)),
            Self::Track(card) => Self::Track(other(card)),
            Self::Arrive(_) | Self::Delete(_) | Self::Release(_) | Self::WebUpload => self,
        }
    }
}

impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Answered => "",
            Self::AnswerLost => "; the answer is lost",
            Self::Copied => "; the network keeps a copy of the request",
            Self::Delayed => "; the request is held up, the client gives up",
        })
    }
}
