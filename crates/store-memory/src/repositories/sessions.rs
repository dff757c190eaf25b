//! Sync sessions, and the files that clients named in them: one per session and slot.

use std::cmp::Reverse;

use memcard_domain::ids::{DeviceId, SessionId, SlotId, UserId};
use memcard_domain::ports::SessionRepository;
use memcard_domain::sync::{NamedFile, NewSession, SessionStatus, SyncSession};

use super::{MemoryTransaction, Stored};

impl SessionRepository for MemoryTransaction {
    fn insert(&mut self, session: &NewSession) -> Stored<SyncSession> {
        let tables = self.writable()?;
        tables.refers_to_user(session.user)?;
        tables.refers_to_device(session.device)?;
        let session = SyncSession {
            id: SessionId(tables.ids.session.next()),
            user: session.user,
            device: session.device,
            status: SessionStatus::InProgress,
            operations_planned: session.operations_planned,
            operations_completed: 0,
            operations_failed: 0,
            error_message: None,
            initiated_at: session.initiated_at,
            completed_at: None,
            updated_at: session.initiated_at,
        };
        tables.sessions.insert(session.id, session.clone());
        Ok(session)
    }

    fn find(&mut self, user: UserId, id: SessionId) -> Stored<Option<SyncSession>> {
        Ok(self.tables.sessions.get(&id).filter(|session| session.user == user).cloned())
    }

    fn active(&mut self, device: DeviceId) -> Stored<Vec<SyncSession>> {
        let of_device = self.tables.sessions.values().filter(|session| session.device == device);
        Ok(newest_first(of_device.filter(|session| !session.status.is_terminal())))
    }

    fn list(&mut self, user: UserId, device: Option<DeviceId>, limit: u32) -> Stored<Vec<SyncSession>> {
        let of_user = self.tables.sessions.values().filter(|session| session.user == user);
        let mut sessions =
            newest_first(of_user.filter(|session| device.is_none_or(|device| session.device == device)));
        sessions.truncate(limit as usize);
        Ok(sessions)
    }

    fn update(&mut self, expected: SessionStatus, session: &SyncSession) -> Stored<bool> {
        let tables = self.writable()?;
        let Some(stored) = tables.sessions.get_mut(&session.id) else { return Ok(false) };
        if stored.status != expected {
            return Ok(false);
        }
        *stored = SyncSession {
            user: stored.user,
            device: stored.device,
            initiated_at: stored.initiated_at,
            ..session.clone()
        };
        Ok(true)
    }

    fn put_named(&mut self, session: SessionId, files: &[NamedFile]) -> Stored<()> {
        let tables = self.writable()?;
        tables.refers_to_session(session)?;
        for file in files {
            tables.refers_to_slot(file.slot)?;
        }
        tables.named_files.extend(files.iter().map(|file| ((session, file.slot), file.clone())));
        Ok(())
    }

    fn named(&mut self, session: SessionId, slot: SlotId) -> Stored<Option<NamedFile>> {
        Ok(self.tables.named_files.get(&(session, slot)).cloned())
    }
}

fn newest_first<'a>(sessions: impl Iterator<Item = &'a SyncSession>) -> Vec<SyncSession> {
    let mut sessions: Vec<SyncSession> = sessions.cloned().collect();
    sessions.sort_by_key(|session| Reverse((session.initiated_at, session.id)));
    sessions
}
