//! Edits in place: a row keeps its id and its name, takes other bytes, and becomes its slot's head, whatever it was
//! before. The version it had goes on in the history.

use thiserror::Error;

use super::guard::{self, Refusal};
use super::locked_slot::{Draft, LockedSlot, Row};
use super::reading::{self, ListError};
use super::writer::Writer;
use super::{Content, Save, SaveNotFound, VersionKind};
use crate::device::DeviceNotFound;
use crate::ids::{DeviceId, SaveId, UserId};
use crate::ports::{StoreError, Transaction};
use crate::screenshot::{self, Picture};
use crate::time::Timestamp;

/// What was stored, and the row it shall be in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// Whose.
    pub user: UserId,
    /// Which row.
    pub row: SaveId,
    /// The device that edits. Without one it is an explicit act, which is never refused.
    pub device: Option<DeviceId>,
    /// What shall take the place of what the row has.
    pub change: Change,
}

/// What shall take the place of what a row has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Other bytes, and a picture of them.
    Content {
        /// What the stored bytes are.
        content: Content,
        /// A picture of them.
        screenshot: Option<Picture>,
    },
    /// Another picture of the same bytes: no version, and nothing that a device could object to.
    Screenshot(Picture),
}

/// What became of an edit. Both keep its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EditOutcome {
    /// They are the row's, and other bytes the slot's head; also where the head had this content already.
    Stored(Box<Save>),
    /// They were refused and are kept as a fork.
    Refused(Box<Refusal>),
}

impl EditOutcome {
    /// What holds the bytes.
    fn kept(&mut self) -> &mut Save {
        match self {
            Self::Stored(save) => save,
            Self::Refused(refusal) => &mut refusal.kept,
        }
    }
}

/// Why a row could not be changed.
#[derive(Debug, Error)]
pub enum EditError {
    /// The user has no such device.
    #[error(transparent)]
    DeviceNotFound(#[from] DeviceNotFound),
    /// The user has no such save.
    #[error(transparent)]
    SaveNotFound(#[from] SaveNotFound),
    /// The save is a fork, which is resolved and not changed.
    #[error("Save is a conflict copy and cannot be changed")]
    IsFork,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ListError> for EditError {
    fn from(error: ListError) -> Self {
        match error {
            ListError::DeviceNotFound(error) => Self::DeviceNotFound(error),
            ListError::SaveNotFound(error) => Self::SaveNotFound(error),
            ListError::Store(error) => Self::Store(error),
        }
    }
}

/// Whether a row could be edited at all: asked before the body is read, and again inside [`edit`]. Answers the row.
///
/// # Errors
/// The device, then the save, is unknown; the save is a fork.
pub fn check_edit(
    tx: &mut dyn Transaction,
    user: UserId,
    device: Option<DeviceId>,
    row: SaveId,
) -> Result<Save, EditError> {
    if let Some(id) = device {
        tx.devices().find(user, id)?.ok_or(DeviceNotFound(id))?;
    }
    let save = reading::own(tx, user, row)?;
    match save.version.standing.is_fork() {
        true => Err(EditError::IsFork),
        false => Ok(save),
    }
}

/// Judges an edit and does what follows from it, atomically. A device is judged as for an upload, but for one thing: it
/// names the row it edits, so that an older content is a choice here and no late duplicate.
///
/// # Errors
/// See [`EditError`]; a refusal is no error, since its bytes are kept.
pub fn edit(tx: &mut dyn Transaction, now: Timestamp, edit: &Edit) -> Result<EditOutcome, EditError> {
    let key = check_edit(tx, edit.user, edit.device, edit.row)?.key;
    let slot = LockedSlot::lock(tx, now, &key)?;
    // Until the lock was held, somebody else could change it.
    let mut row = check_edit(tx, edit.user, edit.device, edit.row)?;
    match &edit.change {
        Change::Content { content, screenshot } => {
            let mut outcome = put(tx, now, edit.device, &slot, &row, *content)?;
            if let Some(picture) = screenshot {
                screenshot::attach(tx, now, outcome.kept(), picture)?;
            }
            Ok(outcome)
        }
        Change::Screenshot(picture) => {
            screenshot::attach(tx, now, &mut row, picture)?;
            if let Some(device) = edit.device {
                tx.devices().touch(device, now)?;
            }
            Ok(EditOutcome::Stored(Box::new(row)))
        }
    }
}

fn put(
    tx: &mut dyn Transaction,
    now: Timestamp,
    device: Option<DeviceId>,
    slot: &LockedSlot,
    row: &Save,
    content: Content,
) -> Result<EditOutcome, EditError> {
    let mut writer = Writer::lock::<EditError>(tx, device, slot.slot(), None)?;
    if let Some(writer) = &mut writer {
        writer.forget_named_file(tx)?;
    }
    let draft = Draft {
        content,
        origin: device,
        parent: writer.as_ref().and_then(Writer::base).or(Some(row.version.id)),
        kind: VersionKind::EditInPlace,
        file_name: row.file_name.clone(),
        emulator: row.emulator.clone(),
    };
    let outcome = judge(tx, slot, row, &draft, writer.as_ref())?;
    if let Some(mut writer) = writer {
        match &outcome {
            EditOutcome::Stored(save) if slot.is_at(&content) => writer.note_equal(save, now),
            EditOutcome::Stored(save) => writer.note_stored(save, now),
            EditOutcome::Refused(_) => {}
        }
        writer.remember(tx, now)?;
    }
    Ok(outcome)
}

fn judge(
    tx: &mut dyn Transaction,
    slot: &LockedSlot,
    row: &Save,
    draft: &Draft,
    writer: Option<&Writer>,
) -> Result<EditOutcome, StoreError> {
    if let Some(writer) = writer.filter(|_| !slot.is_at(&draft.content))
        && let Some(objection) = guard::objection(tx, slot, writer, &[])?
    {
        return Ok(EditOutcome::Refused(guard::refuse(tx, slot, draft, writer, objection)?));
    }
    let save = slot.advance(tx, draft, Row::InPlace(row.id), writer)?;
    Ok(EditOutcome::Stored(Box::new(save)))
}
