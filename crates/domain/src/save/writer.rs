//! The device that sends bytes for a slot, and what is learnt of it by that.

use super::{Content, Save, Slot};
use crate::device::{Device, DeviceNotFound, HashHabit};
use crate::ids::{DeviceId, SessionId, VersionId};
use crate::ports::{StoreError, Transaction};
use crate::sync::facts::SlotView;
use crate::sync::{self, Base, FileTimes, NamedFile, Point, SyncSession, Tracking};
use crate::time::Timestamp;

/// A device that writes to a slot. It is locked.
#[derive(Debug)]
pub(crate) struct Writer {
    device: Device,
    base: Base,
    held: Option<Save>,
    session: Option<SessionId>,
    named: Option<(SessionId, NamedFile)>,
}

impl Writer {
    /// Locks the device, where one writes, and reads what is known of it. A session that is not one of its running ones
    /// is ignored.
    ///
    /// # Errors
    /// The slot's owner has no such device.
    pub(super) fn lock<E: From<DeviceNotFound> + From<StoreError>>(
        tx: &mut dyn Transaction,
        device: Option<DeviceId>,
        slot: &Slot,
        session: Option<SessionId>,
    ) -> Result<Option<Self>, E> {
        let Some(id) = device else { return Ok(None) };
        let device = tx.devices().lock(slot.key.user, id)?.ok_or(DeviceNotFound(id))?;
        let base = tx
            .bases()
            .find(id, slot.id)?
            .unwrap_or_else(|| Base { tracking: slot.tracking, ..Base::new(id, slot.id) });
        let held = base.point().map(|point| tx.saves().by_version(point.version)).transpose()?.flatten();
        let active = tx.sessions().active(id)?;
        let named = match planned_in(tx, &device, session, &active)? {
            Some(session) => tx.sessions().named(session, slot.id)?.map(|named| (session, named)),
            None => None,
        };
        let session = session.filter(|session| active.iter().any(|active| active.id == *session));
        Ok(Some(Self { device, base, held, session, named }))
    }

    /// The slot as the device sees it. Sending bytes tracks a slot again, so that no writer is judged as untracked.
    pub(super) fn view<'a>(&'a self, head: Option<&'a Save>, lineage: &'a [Save]) -> SlotView<'a> {
        let tracking = Tracking::Tracked;
        SlotView { tracking, head, base: Some(&self.base), held: self.held.as_ref(), lineage }
    }

    /// Whether it is strongly known to hold the head, or equal content.
    pub(super) fn is_strongly_at(&self, head: &Save) -> bool {
        self.view(Some(head), &[]).is_strongly_at_head()
    }

    /// The version it is known to hold.
    pub(super) fn base(&self) -> Option<VersionId> {
        self.base.point().map(|point| point.version)
    }

    /// When it was last known to be in sync.
    pub(super) const fn last_synced_at(&self) -> Option<Timestamp> {
        self.base.last_synced_at
    }

    /// It sent its file: what that says of the hash and the time it named before.
    pub(super) fn note_file(
        &mut self,
        tx: &mut dyn Transaction,
        content: &Content,
    ) -> Result<(), StoreError> {
        self.note_contradiction(tx, content)?;
        self.note_file_time(content);
        Ok(())
    }

    /// It sent what need not be the file it named before: what it named then says nothing any more.
    pub(super) fn forget_named_file(&mut self, tx: &mut dyn Transaction) -> Result<(), StoreError> {
        match self.named.take() {
            Some((session, named)) => forget_hash(tx, session, &named),
            None => Ok(()),
        }
    }

    /// What it sent is `save` now.
    pub(super) fn note_stored(&mut self, save: &Save, now: Timestamp) {
        self.base.prove(Point::of(&save.version), now);
        self.note_in_sync();
    }

    /// What it sent is what the head holds already.
    pub(super) fn note_equal(&mut self, head: &Save, now: Timestamp) {
        let point = Point::of(&head.version);
        if self.is_strongly_at(head) {
            self.base.prove(point, now);
        } else {
            self.base.suppose(point, self.session, now);
        }
        self.note_in_sync();
    }

    /// Keeps what was learnt.
    pub(super) fn remember(mut self, tx: &mut dyn Transaction, now: Timestamp) -> Result<(), StoreError> {
        self.device.last_seen = self.device.last_seen.max(now);
        tx.devices().update(&self.device)?;
        let user = self.device.user;
        tx.bases().put(&[self.base])?;
        match self.session {
            Some(session) => sync::count_operation(tx, now, user, session),
            None => Ok(()),
        }
    }

    fn note_in_sync(&mut self) {
        self.base.stamp = self.named.as_ref().map(|(_, named)| named.file_time);
        self.base.rollbacks = 0;
        self.base.tracking = Tracking::Tracked;
    }

    /// A client that names one hash and sends another content does not hash its file. A named hash speaks of the first
    /// upload that follows, so that neither a replay nor a later change of the file counts.
    fn note_contradiction(&mut self, tx: &mut dyn Transaction, content: &Content) -> Result<(), StoreError> {
        let Some((session, named)) = &self.named else { return Ok(()) };
        let Some(hash) = named.content_hash else { return Ok(()) };
        if Some(hash) != content.content_hash && self.device.hash_habit() == HashHabit::HashesFile {
            self.device.hash_contradictions += 1;
        }
        forget_hash(tx, *session, named)
    }

    /// Two contents under one time: this device's times do not tell contents apart.
    fn note_file_time(&mut self, content: &Content) {
        let same_time =
            self.named.as_ref().is_some_and(|(_, named)| self.base.stamp == Some(named.file_time));
        let same_content = self.held.as_ref().is_some_and(|held| held.version.content.is_equal(content));
        if same_time && !same_content {
            self.base.file_times = FileTimes::Ambiguous;
        }
    }
}

/// The session that an upload was planned in: the one it names, even if that has ended, since an upload that comes late
/// says nothing of the file that was named in a newer one; the running one where it names none.
fn planned_in(
    tx: &mut dyn Transaction,
    device: &Device,
    session: Option<SessionId>,
    active: &[SyncSession],
) -> Result<Option<SessionId>, StoreError> {
    let Some(id) = session else { return Ok(active.first().map(|newest| newest.id)) };
    let own = tx.sessions().find(device.user, id)?.filter(|session| session.device == device.id);
    Ok(own.map(|session| session.id))
}

fn forget_hash(tx: &mut dyn Transaction, session: SessionId, named: &NamedFile) -> Result<(), StoreError> {
    tx.sessions().put_named(session, &[NamedFile { content_hash: None, ..named.clone() }])
}
