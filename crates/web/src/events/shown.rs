//! Events as they travel.

use actix_web_lab::sse;
use memcard_api::events as wire;
use memcard_domain::event::{
    DeviceChange, Event, LibraryEvent, PairingChange, SaveChange, SaveEvent, SyncEvent, SyncStage, UserEvent,
};
use memcard_domain::ids::{DeviceId, PairingId};
use memcard_domain::ports::Cursor;

/// One event of the stream.
pub(super) type Frame = Result<sse::Event, serde_json::Error>;

/// The listener hears what happens from now on.
pub(super) fn ready(cursor: &Cursor) -> Frame {
    frame(cursor, "ready", &wire::EventData::Nothing(wire::Nothing {}))
}

/// The listener missed something.
pub(super) fn reset(cursor: &Cursor) -> Frame {
    frame(cursor, "reset", &wire::EventData::Nothing(wire::Nothing {}))
}

/// Something happened.
pub(super) fn event(cursor: &Cursor, event: &Event) -> Frame {
    let (name, data) = match event {
        Event::OfUser(_, UserEvent::Sync(event)) => sync(event),
        Event::OfUser(_, UserEvent::Save(event)) => save(event),
        Event::OfUser(_, UserEvent::SaveDeleted(save)) => {
            ("save:deleted", wire::EventData::SaveDeleted(wire::SaveDeleted { save_id: save.0 }))
        }
        Event::OfUser(_, UserEvent::Pairing(id, change)) => pairing(*id, *change),
        Event::OfUser(_, UserEvent::Device(id, change)) => device(*id, *change),
        Event::OfLibrary(event) => library(*event),
    };
    frame(cursor, name, &data)
}

fn frame(cursor: &Cursor, name: &'static str, data: &wire::EventData) -> Frame {
    Ok(sse::Data::new_json(data)?.event(name).id(cursor.0.clone()).into())
}

fn sync(event: &SyncEvent) -> (&'static str, wire::EventData) {
    let (device_id, session_id) = (event.device.0, event.session.map(|session| session.0));
    match &event.stage {
        SyncStage::Started { mode } => {
            let sync_mode = mode.name().to_owned();
            let data = wire::SyncStarted { device_id, session_id, sync_mode };
            ("sync:started", wire::EventData::SyncStarted(data))
        }
        SyncStage::Progress { completed, planned, current_file } => {
            let current_file = current_file.as_str().to_owned();
            let (completed, planned) = (*completed, *planned);
            let data = wire::SyncProgress { device_id, session_id, completed, planned, current_file };
            ("sync:progress", wire::EventData::SyncProgress(data))
        }
        SyncStage::Completed { completed, failed } => {
            let (operations_completed, operations_failed) = (*completed, *failed);
            let data = wire::SyncCompleted { device_id, session_id, operations_completed, operations_failed };
            ("sync:completed", wire::EventData::SyncCompleted(data))
        }
        SyncStage::Conflict { game, file_name, reason } => {
            let data = wire::SyncConflict {
                device_id,
                session_id,
                file_name: file_name.as_str().to_owned(),
                rom_id: game.0,
                reason: (*reason).to_owned(),
            };
            ("sync:conflict", wire::EventData::SyncConflict(data))
        }
        SyncStage::Error { error } => {
            let data = wire::SyncError { device_id, session_id, error: error.clone() };
            ("sync:error", wire::EventData::SyncError(data))
        }
    }
}

fn save(event: &SaveEvent) -> (&'static str, wire::EventData) {
    let name = match event.change {
        SaveChange::Uploaded => "save:uploaded",
        SaveChange::Downloaded => "save:downloaded",
        SaveChange::Tracked => "save:tracked",
        SaveChange::Untracked => "save:untracked",
    };
    let data = wire::SaveEvent {
        save_id: event.save.0,
        rom_id: event.game.0,
        slot: event.slot.as_ref().map(|slot| slot.as_str().to_owned()),
        file_name: event.file_name.as_str().to_owned(),
        device_id: event.device.map(|device| device.0),
    };
    (name, wire::EventData::Save(data))
}

fn pairing(id: PairingId, change: PairingChange) -> (&'static str, wire::EventData) {
    let (name, device) = match change {
        PairingChange::Opened => ("pairing:opened", None),
        PairingChange::Approved => ("pairing:approved", None),
        PairingChange::Denied => ("pairing:denied", None),
        PairingChange::Completed(device) => ("pairing:completed", Some(device.0)),
    };
    (name, wire::EventData::Pairing(wire::PairingEvent { pairing_id: id.0, device_id: device }))
}

fn device(id: DeviceId, change: DeviceChange) -> (&'static str, wire::EventData) {
    let name = match change {
        DeviceChange::Registered => "device:registered",
        DeviceChange::Updated => "device:updated",
        DeviceChange::Deleted => "device:deleted",
    };
    (name, wire::EventData::Device(wire::DeviceEvent { device_id: id.0 }))
}

fn library(event: LibraryEvent) -> (&'static str, wire::EventData) {
    match event {
        LibraryEvent::ScanStarted => ("library:scan_started", wire::EventData::Nothing(wire::Nothing {})),
        LibraryEvent::ScanProgress { scanned } => {
            ("library:scan_progress", wire::EventData::ScanProgress(wire::ScanProgress { scanned }))
        }
        LibraryEvent::ScanCompleted { scanned, added } => {
            ("library:scan_completed", wire::EventData::ScanCompleted(wire::ScanCompleted { scanned, added }))
        }
    }
}
