//! Play sessions as clients send and see them.

use memcard_api::plays as wire;
use memcard_domain::ids::GameId;
use memcard_domain::play::{Ingested, PlaySession, Reported};

/// A play session that a client reports.
pub(crate) fn read(reported: wire::ReportedPlaySession) -> Reported {
    Reported {
        game: reported.rom_id.map(GameId),
        save_slot: reported.save_slot,
        start: reported.start_time.0,
        end: reported.end_time.0,
        duration_ms: reported.duration_ms,
    }
}

/// What became of reported play sessions.
pub(crate) fn show_ingested(results: &[Ingested]) -> wire::IngestedPlaySessions {
    let created_count = results.iter().filter(|result| matches!(result, Ingested::Created(_))).count();
    wire::IngestedPlaySessions {
        results: results.iter().enumerate().map(|(index, result)| show_result(index, *result)).collect(),
        created_count,
        skipped_count: results.len() - created_count,
    }
}

fn show_result(index: usize, result: Ingested) -> wire::IngestedPlaySession {
    let (status, id, detail) = match result {
        Ingested::Created(id) => (wire::IngestStatus::Created, Some(id.0), None),
        Ingested::Duplicate => (wire::IngestStatus::Duplicate, None, None),
        Ingested::Rejected(reason) => (wire::IngestStatus::Error, None, Some(reason.to_owned())),
    };
    wire::IngestedPlaySession { index, status, id, detail }
}

/// A recorded play session.
pub(super) fn show(session: PlaySession) -> wire::PlaySession {
    let PlaySession { id, played } = session;
    wire::PlaySession {
        id: id.0,
        user_id: played.user.0,
        device_id: played.device.map(|device| device.0),
        rom_id: played.game.map(|game| game.0),
        save_slot: played.save_slot,
        sync_session_id: played.sync_session.map(|session| session.0),
        start_time: played.start.into(),
        end_time: played.end.into(),
        duration_ms: played.duration_ms,
        created_at: played.reported_at.into(),
        updated_at: played.reported_at.into(),
    }
}
