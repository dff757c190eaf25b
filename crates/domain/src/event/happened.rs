//! What comes of a use case, as events.

use super::{
    DeviceChange, Event, LibraryEvent, PairingChange, SaveChange, SaveEvent, SyncEvent, SyncStage, UserEvent,
};
use crate::device::{Registered, SyncMode};
use crate::ids::{DeviceId, PairingId, SaveId, SessionId, UserId};
use crate::ports::{Ports, StoreError, Transaction, UnitOfWorkExt as _};
use crate::save::{FileName, Save, Upload, UploadOutcome};
use crate::sync::decision::Action;
use crate::sync::{Operation, Plan, SyncSession};

/// What is told once what it is about is committed.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Happened(Vec<Event>);

/// Runs work in one transaction and tells, once it is committed, what the work noted. Where it fails nothing is told.
///
/// # Errors
/// Those of the work, and the store's.
pub async fn transact<T, E, F>(ports: &Ports, work: F) -> Result<T, E>
where
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
    F: FnOnce(&mut dyn Transaction, &mut Happened) -> Result<T, E> + Send + 'static,
{
    let noting = move |tx: &mut dyn Transaction| {
        let mut happened = Happened::default();
        Ok::<_, E>((work(tx, &mut happened)?, happened))
    };
    let (done, happened) = ports.store.transact(noting).await?;
    happened.publish(ports).await;
    Ok(done)
}

impl Happened {
    /// Tells it. What it is about is committed.
    pub(crate) async fn publish(self, ports: &Ports) {
        if !self.0.is_empty() {
            ports.events.publish(self.0).await;
        }
    }

    /// A device began to sync.
    pub fn negotiated(&mut self, plan: &Plan) {
        self.began(&plan.session, SyncMode::Api);
        for operation in plan.operations.iter().filter(|operation| operation.action == Action::Conflict) {
            self.sync(&plan.session, conflict_of(operation));
        }
    }

    /// The server began to sync with a device.
    pub fn began(&mut self, session: &SyncSession, mode: SyncMode) {
        self.sync(session, SyncStage::Started { mode });
    }

    /// A session ended, one way or the other.
    pub fn ended(&mut self, session: &SyncSession) {
        self.sync(
            session,
            match &session.error_message {
                Some(error) => SyncStage::Error { error: error.clone() },
                None => SyncStage::Completed {
                    completed: session.operations_completed,
                    failed: session.operations_failed,
                },
            },
        );
    }

    /// An upload was judged.
    ///
    /// # Errors
    /// What the store says.
    pub fn uploaded(
        &mut self,
        tx: &mut dyn Transaction,
        upload: &Upload,
        outcome: &UploadOutcome,
    ) -> Result<(), StoreError> {
        match outcome {
            UploadOutcome::Stored(save) => self.save(save, upload.device, SaveChange::Uploaded),
            UploadOutcome::AlreadyHead(_) => {}
            UploadOutcome::Refused(refusal) => {
                if let Some(device) = upload.device {
                    let stage = SyncStage::Conflict {
                        game: upload.game,
                        file_name: upload.file_name.clone(),
                        reason: refusal.reason.text(),
                    };
                    let sync = SyncEvent { device, session: upload.session, stage };
                    self.of_user(upload.user, UserEvent::Sync(sync));
                }
                return Ok(());
            }
        }
        self.went_on(tx, upload.user, upload.device, upload.session, &upload.file_name)
    }

    /// One more operation of a session is done, if it is one of the device's that runs.
    ///
    /// # Errors
    /// What the store says.
    pub fn went_on(
        &mut self,
        tx: &mut dyn Transaction,
        user: UserId,
        device: Option<DeviceId>,
        session: Option<SessionId>,
        file: &FileName,
    ) -> Result<(), StoreError> {
        let Some(id) = session else { return Ok(()) };
        let session = tx.sessions().find(user, id)?;
        let is_running =
            |session: &SyncSession| Some(session.device) == device && !session.status.is_terminal();
        if let Some(session) = session.filter(is_running) {
            let (completed, planned) = (session.operations_completed, session.operations_planned);
            self.sync(&session, SyncStage::Progress { completed, planned, current_file: file.clone() });
        }
        Ok(())
    }

    /// Something happened to a save.
    pub fn save(&mut self, save: &Save, device: Option<DeviceId>, change: SaveChange) {
        let event = SaveEvent {
            save: save.id,
            game: save.key.game,
            slot: save.key.place.name().cloned(),
            file_name: save.file_name.clone(),
            device,
            change,
        };
        self.of_user(save.key.user, UserEvent::Save(event));
    }

    /// Saves were deleted.
    pub fn deleted(&mut self, user: UserId, saves: &[SaveId]) {
        for save in saves {
            self.of_user(user, UserEvent::SaveDeleted(*save));
        }
    }

    /// A device is known, from now on or anew.
    pub fn registered(&mut self, registered: &Registered) {
        let (device, change) = match registered {
            Registered::New(device) => (device, DeviceChange::Registered),
            Registered::Existing(device) => (device, DeviceChange::Updated),
        };
        self.device(device.user, device.id, change);
    }

    /// Something happened to a device.
    pub fn device(&mut self, user: UserId, device: DeviceId, change: DeviceChange) {
        self.of_user(user, UserEvent::Device(device, change));
    }

    /// Something happened to a pairing that the user holds.
    pub fn pairing(&mut self, user: UserId, pairing: PairingId, change: PairingChange) {
        self.of_user(user, UserEvent::Pairing(pairing, change));
    }

    /// Something happened to the library.
    pub fn library(&mut self, event: LibraryEvent) {
        self.0.push(Event::OfLibrary(event));
    }

    fn sync(&mut self, session: &SyncSession, stage: SyncStage) {
        let event = SyncEvent { device: session.device, session: Some(session.id), stage };
        self.of_user(session.user, UserEvent::Sync(event));
    }

    fn of_user(&mut self, user: UserId, event: UserEvent) {
        self.0.push(Event::OfUser(user, event));
    }
}

fn conflict_of(operation: &Operation) -> SyncStage {
    SyncStage::Conflict {
        game: operation.game,
        file_name: operation.file_name.clone(),
        reason: operation.reason.text(),
    }
}
