//! The upload: the one way new bytes enter a slot, and the guard that keeps a head from being replaced by someone who
//! did not know it (promises P2 and P4).
//!
//! The whole of it is one transaction under the game's lock: check, version, row, head, base and fork together.

use thiserror::Error;

use super::{
    Content, FileName, ForkState, NewVersion, Order, Save, SetAside, Slot, SlotKey, SlotName, SlotPlace,
    Standing, VersionKind, Visibility,
};
use crate::catalogue::{GameNotFound, note_played};
use crate::device::{Device, DeviceNotFound, HashHabit};
use crate::ids::{DeviceId, GameId, SessionId, UserId};
use crate::ports::{StoreError, Transaction};
use crate::sync::decision::{Action, Reason, decide};
use crate::sync::facts::{Shown, SlotView};
use crate::sync::{self, Base, FileTimes, NamedFile, Point, Tracking};
use crate::time::{self, Timestamp};

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

/// Why and against what an upload was refused.
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

/// Why an upload was refused.
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
    tx.saves().lock_game(upload.user, upload.game)?;
    let attempt = Attempt::load(tx, now, upload)?;
    let outcome = match attempt.judge(tx)? {
        Verdict::Accept(kind) => UploadOutcome::Stored(attempt.accept(tx, kind)?),
        Verdict::AlreadyHead(head) => {
            attempt.keep(tx, ForkState::KeptHead)?;
            UploadOutcome::AlreadyHead(head)
        }
        Verdict::Refuse(head, reason) => UploadOutcome::Refused(Box::new(attempt.refuse(tx, head, reason)?)),
    };
    let Attempt { slot, writer, .. } = attempt;
    if let Some(writer) = writer {
        writer.learn(tx, now, upload, &outcome)?;
    }
    if let UploadOutcome::Stored(_) = outcome {
        note_played(tx, upload.user, upload.game, now)?;
        clean_up(tx, &slot, upload.cleanup)?;
    }
    Ok(outcome)
}

/// An upload together with everything it is judged by, read under the game's lock.
struct Attempt<'a> {
    upload: &'a Upload,
    now: Timestamp,
    slot: Slot,
    head: Option<Save>,
    writer: Option<Writer>,
}

enum Verdict {
    Accept(VersionKind),
    AlreadyHead(Save),
    Refuse(Save, RefusalReason),
}

impl<'a> Attempt<'a> {
    fn load(tx: &mut dyn Transaction, now: Timestamp, upload: &'a Upload) -> Result<Self, UploadError> {
        let place = SlotPlace::of(upload.slot.clone(), &upload.file_name);
        let slot = tx.saves().open_slot(&SlotKey { user: upload.user, game: upload.game, place })?;
        let head = slot.head.map(|head| tx.saves().by_version(head)).transpose()?.flatten();
        let writer = upload.device.map(|device| Writer::load(tx, upload, device, &slot)).transpose()?;
        Ok(Self { upload, now, slot, head, writer })
    }

    fn judge(&self, tx: &mut dyn Transaction) -> Result<Verdict, StoreError> {
        if let Some(head) =
            self.head.as_ref().filter(|head| head.version.content.is_equal(&self.upload.content))
        {
            return Ok(Verdict::AlreadyHead(head.clone()));
        }
        match &self.writer {
            None => Ok(Verdict::Accept(VersionKind::WebUpload)),
            Some(_) if self.upload.mode == UploadMode::Overwrite => {
                Ok(Verdict::Accept(VersionKind::Overwrite))
            }
            Some(writer) if self.slot.key.place.is_named() => self.guard(tx, writer),
            Some(writer) => Ok(self.archival_guard(writer)),
        }
    }

    /// The decision table with the hash of the bytes. An upload tracks the slot again, so that row 1 does not apply.
    fn guard(&self, tx: &mut dyn Transaction, writer: &Writer) -> Result<Verdict, StoreError> {
        let lineage = match writer.view(self.head.as_ref(), &[]).needs_lineage() {
            true => tx.saves().history(self.slot.id)?,
            false => Vec::new(),
        };
        let named = self.with_content(tx)?;
        let mut facts = writer.view(self.head.as_ref(), &lineage).facts(Shown::Hashed(&named));
        facts.tracking = Tracking::Tracked;
        let decision = decide(&facts);
        Ok(match (decision.action, &self.head) {
            (Action::Upload, _) | (_, None) => Verdict::Accept(VersionKind::Upload),
            (_, Some(head)) => Verdict::Refuse(head.clone(), RefusalReason::Slot(decision.reason)),
        })
    }

    /// An archival save is refused only if the device synced it and it changed since.
    fn archival_guard(&self, writer: &Writer) -> Verdict {
        match (writer.base.point(), &self.head) {
            (Some(point), Some(head)) if point.version != head.version.id => {
                Verdict::Refuse(head.clone(), RefusalReason::Archival)
            }
            _ => Verdict::Accept(VersionKind::Upload),
        }
    }

    /// The slot's versions with this content, forks included.
    fn with_content(&self, tx: &mut dyn Transaction) -> Result<Vec<Save>, StoreError> {
        let content = &self.upload.content;
        let Some(hash) = content.content_hash else {
            return tx.saves().by_digest(self.slot.id, content.digest);
        };
        let mut saves = tx.saves().by_content_hashes(self.upload.user, &[hash])?;
        saves.retain(|save| save.version.slot == self.slot.id);
        Ok(saves)
    }

    fn accept(&self, tx: &mut dyn Transaction, kind: VersionKind) -> Result<Save, StoreError> {
        self.close_forks(tx)?;
        let version = self.new_version(tx, kind, Standing::Line)?;
        let save = match &self.head {
            Some(head) if !self.slot.key.place.is_named() => tx.saves().append_in_place(head.id, &version)?,
            _ => tx.saves().append(&version)?,
        };
        tx.saves().set_head(self.slot.id, Some(save.version.id))?;
        if let Some(head) = &self.head
            && !self.writer.as_ref().is_some_and(|writer| writer.view(Some(head), &[]).is_strongly_at_head())
        {
            let set_aside = SetAside { at: version.updated_at, dismissed: false };
            tx.saves().set_set_aside(head.version.id, Some(set_aside))?;
        }
        Ok(save)
    }

    /// An accepted content that was waiting as a fork waits no longer.
    fn close_forks(&self, tx: &mut dyn Transaction) -> Result<(), StoreError> {
        for save in self.with_content(tx)? {
            if save.version.standing == Standing::Fork(ForkState::Open) {
                tx.saves().set_standing(save.version.id, Standing::Fork(ForkState::KeptFork))?;
            }
        }
        Ok(())
    }

    fn refuse(
        &self,
        tx: &mut dyn Transaction,
        head: Save,
        reason: RefusalReason,
    ) -> Result<Refusal, StoreError> {
        let kept = self.keep(tx, ForkState::Open)?;
        let last_synced_at = self.writer.as_ref().and_then(|writer| writer.base.last_synced_at);
        Ok(Refusal { head, kept, last_synced_at, reason })
    }

    /// Keeps the bytes as a fork, unless the slot holds them already under an id that answers. Bytes may differ from the head's though the
    /// content is equal (a zip packed anew): they are kept too (promise P1), as a fork that needs no decision.
    fn keep(&self, tx: &mut dyn Transaction, state: ForkState) -> Result<Save, StoreError> {
        let known = tx.saves().by_digest(self.slot.id, self.upload.content.digest)?;
        match known.into_iter().find(|save| save.version.held && !save.is_deleted()) {
            Some(known) => Ok(known),
            None => {
                let fork = self.new_version(tx, VersionKind::Upload, Standing::Fork(state))?;
                tx.saves().append(&fork)
            }
        }
    }

    fn new_version(
        &self,
        tx: &mut dyn Transaction,
        kind: VersionKind,
        standing: Standing,
    ) -> Result<NewVersion, StoreError> {
        let latest = tx.saves().latest_instant(self.upload.user, self.upload.game)?;
        let updated_at = time::after(latest, self.now);
        let file_name = match self.slot.key.place {
            SlotPlace::Named { .. } => self.upload.file_name.tagged(updated_at),
            SlotPlace::Archival { .. } => self.upload.file_name.clone(),
        };
        Ok(NewVersion {
            slot: self.slot.id,
            order: tx.saves().last_order(self.slot.id)?.map_or(Order::FIRST, Order::next),
            content: self.upload.content,
            origin: self.upload.device,
            parent: self.writer.as_ref().and_then(|writer| writer.base.point()).map(|point| point.version),
            kind,
            standing,
            updated_at,
            file_name,
            emulator: self.upload.emulator.clone(),
        })
    }
}

/// The device an upload comes from, and what is known of it.
struct Writer {
    device: Device,
    base: Base,
    held: Option<Save>,
    session: Option<SessionId>,
    named: Option<(SessionId, NamedFile)>,
}

impl Writer {
    fn load(
        tx: &mut dyn Transaction,
        upload: &Upload,
        id: DeviceId,
        slot: &Slot,
    ) -> Result<Self, UploadError> {
        let device = tx.devices().lock(upload.user, id)?.ok_or(DeviceNotFound(id))?;
        let base = tx.bases().find(id, slot.id)?.unwrap_or_else(|| Base::new(id, slot.id));
        let held = base.point().map(|point| tx.saves().by_version(point.version)).transpose()?.flatten();
        let active = tx.sessions().active(id)?;
        let session = upload.session.filter(|session| active.iter().any(|active| active.id == *session));
        let planned_in = session.or_else(|| active.first().map(|newest| newest.id));
        let named = match planned_in {
            Some(session) => tx.sessions().named(session, slot.id)?.map(|named| (session, named)),
            None => None,
        };
        Ok(Self { device, base, held, session, named })
    }

    fn view<'a>(&'a self, head: Option<&'a Save>, lineage: &'a [Save]) -> SlotView<'a> {
        SlotView { head, base: Some(&self.base), held: self.held.as_ref(), lineage }
    }

    /// Takes note of what the upload shows of the device.
    fn learn(
        mut self,
        tx: &mut dyn Transaction,
        now: Timestamp,
        upload: &Upload,
        outcome: &UploadOutcome,
    ) -> Result<(), StoreError> {
        self.note_contradiction(tx, upload)?;
        self.note_file_time(upload);
        let stamp = self.named.as_ref().map(|(_, named)| named.file_time);
        let session = self.session;
        match outcome {
            UploadOutcome::Stored(save) => self.base.prove(Point::of(&save.version), now),
            UploadOutcome::AlreadyHead(head) => {
                let is_strong = self.view(Some(head), &[]).is_strongly_at_head();
                let point = Point::of(&head.version);
                if is_strong { self.base.prove(point, now) } else { self.base.suppose(point, session, now) }
            }
            UploadOutcome::Refused(_) => {}
        }
        if !matches!(outcome, UploadOutcome::Refused(_)) {
            self.base.stamp = stamp;
            self.base.rollbacks = 0;
            self.base.tracking = Tracking::Tracked;
        }
        self.device.last_seen = self.device.last_seen.max(now);
        tx.devices().update(&self.device)?;
        tx.bases().put(&[self.base])?;
        if let Some(session) = session {
            sync::count_operation(tx, now, upload.user, session)?;
        }
        Ok(())
    }

    /// A client that names one hash and sends another content does not hash its file. A named hash speaks of the first
    /// upload that follows, so that neither a replay nor a later change of the file counts.
    fn note_contradiction(&mut self, tx: &mut dyn Transaction, upload: &Upload) -> Result<(), StoreError> {
        let Some((session, named)) = &self.named else { return Ok(()) };
        let Some(hash) = named.content_hash else { return Ok(()) };
        if Some(hash) != upload.content.content_hash && self.device.hash_habit() == HashHabit::HashesFile {
            self.device.hash_contradictions += 1;
        }
        tx.sessions().put_named(*session, &[NamedFile { content_hash: None, ..named.clone() }])
    }

    /// Two contents under one time: this device's times do not tell contents apart.
    fn note_file_time(&mut self, upload: &Upload) {
        let same_time =
            self.named.as_ref().is_some_and(|(_, named)| self.base.stamp == Some(named.file_time));
        let same_content =
            self.held.as_ref().is_some_and(|held| held.version.content.is_equal(&upload.content));
        if same_time && !same_content {
            self.base.file_times = FileTimes::Ambiguous;
        }
    }
}

/// Hides old main saves of the slot. The head always stays, being the newest.
fn clean_up(tx: &mut dyn Transaction, slot: &Slot, cleanup: Cleanup) -> Result<(), StoreError> {
    let (Cleanup::KeepNewest(keep), SlotPlace::Named { companion: None, .. }) = (cleanup, &slot.key.place)
    else {
        return Ok(());
    };
    let bases = tx.bases().of_slots(&[slot.id])?;
    let listed = tx.saves().history(slot.id)?.into_iter().filter(Save::is_listed);
    for save in listed.skip(keep.max(1) as usize) {
        let is_base = bases.iter().any(|base| base.holds(save.version.id));
        if !is_base && !save.version.pinned {
            tx.saves().set_visibility(save.id, Visibility::Cleaned)?;
        }
    }
    Ok(())
}
