//! The upload: the one way new bytes enter a slot, and the guard that keeps a head from being replaced by someone who
//! did not know it (promises P2 and P4).
//!
//! The whole of it is one transaction under the game's lock: check, version, row, head, base and fork together.

use std::collections::BTreeMap;

use thiserror::Error;

use super::guard::{self, Refusal};
use super::locked_slot::{Draft, LockedSlot};
use super::writer::Writer;
use super::{
    Content, FileName, ForkState, Save, Slot, SlotKey, SlotName, SlotPlace, VersionKind, Visibility,
};
use crate::catalogue::{GameNotFound, note_played};
use crate::device::DeviceNotFound;
use crate::ids::{DeviceId, GameId, SaveId, SessionId, UserId};
use crate::ports::{StoreError, Transaction};
use crate::screenshot::{self, Picture};
use crate::time::Timestamp;

/// Bytes that were stored, and where they shall go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// Whose.
    pub user: UserId,
    /// Of which game.
    pub game: GameId,
    /// To which slot; `None` is an archival save.
    pub slot: Option<SlotName>,
    /// The name that was sent.
    pub file_name: FileName,
    /// The emulator that wrote it.
    pub emulator: Option<String>,
    /// What the stored bytes are.
    pub content: Content,
    /// A picture of it.
    pub screenshot: Option<Picture>,
    /// The device it comes from, named or inferred.
    pub device: Option<DeviceId>,
    /// The sync session it belongs to; one that is not the device's is ignored.
    pub session: Option<SessionId>,
    /// Whether the guard may refuse it.
    pub mode: UploadMode,
    /// Whether older rows of the slot are hidden afterwards.
    pub cleanup: Cleanup,
}

/// Whether an upload is an explicit act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UploadMode {
    /// It replaces the head only if the device's base is the head.
    Guarded,
    /// It replaces the head in any case.
    Overwrite,
}

/// Whether older rows are hidden after an upload (autocleanup). Nothing is destroyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cleanup {
    /// None are.
    Off,
    /// All main saves of the slot but the newest so many, pinned ones and any device's base excepted. 1 to 100.
    KeepNewest(u32),
}

/// What became of an upload. All three keep its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UploadOutcome {
    /// It is the slot's head now.
    Stored(Save),
    /// The head had this content already.
    AlreadyHead(Save),
    /// It was refused and is kept as a fork.
    Refused(Box<Refusal>),
}

impl UploadOutcome {
    /// What holds the bytes.
    fn kept(&mut self) -> &mut Save {
        match self {
            Self::Stored(save) | Self::AlreadyHead(save) => save,
            Self::Refused(refusal) => &mut refusal.kept,
        }
    }
}

/// Why an upload was not even judged.
#[derive(Debug, Error)]
pub enum UploadError {
    /// The user has no such device.
    #[error(transparent)]
    DeviceNotFound(#[from] DeviceNotFound),
    /// There is no such game.
    #[error(transparent)]
    GameNotFound(#[from] GameNotFound),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Whether an upload could be judged at all: asked before the body is read, and again inside [`upload`].
///
/// # Errors
/// The device, then the game, is unknown.
pub fn check_upload(
    tx: &mut dyn Transaction,
    user: UserId,
    device: Option<DeviceId>,
    game: GameId,
) -> Result<(), UploadError> {
    if let Some(id) = device {
        tx.devices().find(user, id)?.ok_or(DeviceNotFound(id))?;
    }
    tx.catalogue().game(game)?.ok_or(GameNotFound(game))?;
    Ok(())
}

/// Judges an upload and does what follows from it. Atomic: of racing writers with the same base exactly one is stored.
///
/// # Errors
/// See [`UploadError`]; a refusal is no error, since its bytes are kept.
pub fn upload(
    tx: &mut dyn Transaction,
    now: Timestamp,
    upload: &Upload,
) -> Result<UploadOutcome, UploadError> {
    check_upload(tx, upload.user, upload.device, upload.game)?;
    let slot = LockedSlot::lock(tx, now, &upload.key())?;
    let writer = Writer::lock::<UploadError>(tx, upload.device, slot.slot(), upload.session)?;
    let mut outcome = judge(tx, upload, &slot, writer.as_ref())?;
    if let Some(picture) = &upload.screenshot {
        screenshot::attach(tx, now, outcome.kept(), picture)?;
    }
    if let Some(writer) = writer {
        learn(tx, now, writer, &upload.content, &outcome)?;
    }
    if let UploadOutcome::Stored(_) = outcome {
        note_played(tx, upload.user, &BTreeMap::from([(upload.game, now)]))?;
        clean_up(tx, slot.slot(), upload.cleanup)?;
    }
    Ok(outcome)
}

impl Upload {
    fn key(&self) -> SlotKey {
        let place = SlotPlace::of(self.slot.clone(), &self.file_name);
        SlotKey { user: self.user, game: self.game, place }
    }

    fn draft(&self, writer: Option<&Writer>) -> Draft {
        Draft {
            content: self.content,
            origin: self.device,
            parent: writer.and_then(Writer::base),
            kind: match (self.device, self.mode) {
                (None, _) => VersionKind::WebUpload,
                (Some(_), UploadMode::Overwrite) => VersionKind::Overwrite,
                (Some(_), UploadMode::Guarded) => VersionKind::Upload,
            },
            file_name: self.file_name.clone(),
            emulator: self.emulator.clone(),
        }
    }
}

fn judge(
    tx: &mut dyn Transaction,
    upload: &Upload,
    slot: &LockedSlot,
    writer: Option<&Writer>,
) -> Result<UploadOutcome, StoreError> {
    let draft = upload.draft(writer);
    if let Some(head) = slot.head().filter(|head| head.version.content.is_equal(&upload.content)) {
        // Bytes may differ though the content is equal (a zip packed anew): they are kept too (promise P1), as a fork
        // that needs no decision.
        slot.keep(tx, &draft, ForkState::KeptHead)?;
        return Ok(UploadOutcome::AlreadyHead(head.clone()));
    }
    if let (Some(writer), UploadMode::Guarded) = (writer, upload.mode) {
        let known = slot.with_content(tx, &upload.content)?;
        if let Some(objection) = guard::objection(tx, slot, writer, &known)? {
            return Ok(UploadOutcome::Refused(guard::refuse(tx, slot, &draft, writer, objection)?));
        }
    }
    Ok(UploadOutcome::Stored(slot.advance(tx, &draft, slot.row_of_next_head(), writer)?))
}

/// Takes note of what the upload shows of the device.
fn learn(
    tx: &mut dyn Transaction,
    now: Timestamp,
    mut writer: Writer,
    content: &Content,
    outcome: &UploadOutcome,
) -> Result<(), StoreError> {
    writer.note_file(tx, content)?;
    match outcome {
        UploadOutcome::Stored(save) => writer.note_stored(save, now),
        UploadOutcome::AlreadyHead(head) => writer.note_equal(head, now),
        UploadOutcome::Refused(_) => {}
    }
    writer.remember(tx, now)
}

/// Hides old main saves of the slot. The head always stays, being the newest.
fn clean_up(tx: &mut dyn Transaction, slot: &Slot, cleanup: Cleanup) -> Result<(), StoreError> {
    let (Cleanup::KeepNewest(keep), SlotPlace::Named { companion: None, .. }) = (cleanup, &slot.key.place)
    else {
        return Ok(());
    };
    let bases = tx.bases().of_slots(&[slot.id])?;
    let listed = tx.saves().history(slot.id)?.into_iter().filter(Save::is_listed);
    let is_needed = |save: &Save| save.version.pinned || bases.iter().any(|base| base.holds(save.version.id));
    let old = listed.skip(keep.max(1) as usize).filter(|save| !is_needed(save));
    let old: Vec<SaveId> = old.map(|save| save.id).collect();
    tx.saves().set_visibility(&old, Visibility::Cleaned)
}
