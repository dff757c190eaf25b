//! The guard: a device replaces a head only if it is known to hold it (promise P2). What it refuses is kept.

use super::locked_slot::{Draft, LockedSlot};
use super::writer::Writer;
use super::{ForkState, Save};
use crate::ports::{StoreError, Transaction};
use crate::sync::decision::{Action, Reason, decide};
use crate::sync::facts::Shown;
use crate::time::Timestamp;

/// Why and against what bytes were refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The head that stays.
    pub head: Save,
    /// What holds the refused bytes: a new fork, or the version that had them already.
    pub kept: Save,
    /// When the device was last known to be in sync.
    pub last_synced_at: Option<Timestamp>,
    /// Why.
    pub reason: RefusalReason,
}

/// Why bytes were refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalReason {
    /// The decision table says so.
    Slot(Reason),
    /// The archival save changed since the device's last sync.
    Archival,
}

impl RefusalReason {
    /// The text of the answer's `detail` (contract § 4).
    pub const fn detail(self) -> &'static str {
        match self {
            Self::Slot(_) => "Slot has a newer save since your last sync",
            Self::Archival => "Save has been updated since your last sync",
        }
    }

    /// What a player reads.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Slot(reason) => reason.text(),
            Self::Archival => "Changed on this device and on the server",
        }
    }
}

/// Why a device may not replace a head.
#[derive(Debug)]
pub(super) struct Objection {
    head: Save,
    reason: RefusalReason,
}

/// Why the device may not replace the head by bytes that the slot knows as `known`; `None` where it may.
pub(super) fn objection(
    tx: &mut dyn Transaction,
    slot: &LockedSlot,
    writer: &Writer,
    known: &[Save],
) -> Result<Option<Objection>, StoreError> {
    let Some(head) = slot.head() else { return Ok(None) };
    let reason = match slot.slot().key.place.is_named() {
        true => objection_of_table(tx, slot, writer, known)?.map(RefusalReason::Slot),
        false => objection_of_archive(head, writer),
    };
    Ok(reason.map(|reason| Objection { head: head.clone(), reason }))
}

/// Keeps the refused bytes, as an open fork unless the slot holds them already.
pub(super) fn refuse(
    tx: &mut dyn Transaction,
    slot: &LockedSlot,
    draft: &Draft,
    writer: &Writer,
    Objection { head, reason }: Objection,
) -> Result<Box<Refusal>, StoreError> {
    let kept = slot.keep(tx, draft, ForkState::Open)?;
    Ok(Box::new(Refusal { head, kept, last_synced_at: writer.last_synced_at(), reason }))
}

fn objection_of_table(
    tx: &mut dyn Transaction,
    slot: &LockedSlot,
    writer: &Writer,
    known: &[Save],
) -> Result<Option<Reason>, StoreError> {
    let lineage = match writer.view(slot.head(), &[]).needs_lineage() {
        true => tx.saves().history(slot.slot().id)?,
        false => Vec::new(),
    };
    let decision = decide(&writer.view(slot.head(), &lineage).facts(Shown::Hashed(known)));
    Ok((decision.action != Action::Upload).then_some(decision.reason))
}

/// An archival save is refused only if the device synced it and it changed since.
fn objection_of_archive(head: &Save, writer: &Writer) -> Option<RefusalReason> {
    let has_synced = writer.base().is_some();
    (has_synced && !writer.view(Some(head), &[]).is_at_head()).then_some(RefusalReason::Archival)
}
