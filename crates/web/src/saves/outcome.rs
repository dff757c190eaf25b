//! What became of bytes that were sent for a save: they are in it, or they were refused and are kept beside it.

use actix_web::HttpResponse;
use memcard_api::saves as wire;
use memcard_domain::ids::DeviceId;
use memcard_domain::ports::Transaction;
use memcard_domain::save::{self, HistoryEntry, ListError, Refusal, Save, SyncedSave, VersionState};

use super::shown::{show, show_version};

/// What became of them, with what devices know of the saves that are answered.
pub(super) enum Outcome {
    /// They are the save's.
    Kept(Box<SyncedSave>),
    /// They were refused.
    Refused {
        /// Why, against what, and where they are kept.
        refusal: Box<Refusal>,
        /// What stays.
        head: Box<SyncedSave>,
    },
}

impl Outcome {
    /// The bytes are the save's.
    pub(super) fn kept(
        tx: &mut dyn Transaction,
        save: &Save,
        device: Option<DeviceId>,
    ) -> Result<Self, ListError> {
        Ok(Self::Kept(Box::new(save::find(tx, save.key.user, save.id, device)?)))
    }

    /// The bytes were refused.
    pub(super) fn refused(
        tx: &mut dyn Transaction,
        refusal: Refusal,
        device: Option<DeviceId>,
    ) -> Result<Self, ListError> {
        let head = save::find(tx, refusal.head.key.user, refusal.head.id, device)?;
        Ok(Self::Refused { refusal: Box::new(refusal), head: Box::new(head) })
    }

    /// 200 with the save, or 409.
    pub(super) fn into_response(self) -> HttpResponse {
        match self {
            Self::Kept(save) => HttpResponse::Ok().json(show(*save)),
            Self::Refused { refusal, head } => HttpResponse::Conflict().json(show_refused(*refusal, *head)),
        }
    }
}

fn show_refused(refusal: Refusal, head: SyncedSave) -> wire::UploadConflict {
    let Refusal { head: Save { id, version, .. }, kept, last_synced_at, reason } = refusal;
    let state = VersionState::of(&kept, Some(version.id));
    wire::UploadConflict {
        detail: reason.detail().to_owned(),
        error: "conflict".to_owned(),
        message: reason.text().to_owned(),
        save_id: id.0,
        current_save_time: version.updated_at.into(),
        device_sync_time: last_synced_at.map(Into::into),
        head: show(head),
        fork: Some(show_version(HistoryEntry { save: kept, state })),
    }
}
