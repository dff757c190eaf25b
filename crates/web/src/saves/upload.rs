//! `POST /api/saves`: the device and the game are checked before the body is read, the bytes are durable before the
//! transaction that judges them.

use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};
use memcard_api::errors::{ErrorBody, InvalidBody};
use memcard_api::saves as wire;
use memcard_domain::account::{Caller, Scope};
use memcard_domain::event::{self, Happened};
use memcard_domain::ids::{DeviceId, GameId, SessionId};
use memcard_domain::ports::{Transaction, UnitOfWorkExt as _};
use memcard_domain::save::{self, Cleanup, SlotName, Upload, UploadMode, UploadOutcome};
use memcard_domain::screenshot::Picture;
use memcard_domain::time::Timestamp;

use super::outcome::Outcome;
use crate::caller::Authenticated;
use crate::error::{ApiError, invalid_parameter};
use crate::files::{FilePart, ReceivedFile, receive};
use crate::input::QueryParams;
use crate::named_device::named_device_with;
use crate::state::State;

/// How many saves of a slot autocleanup keeps where the request does not say.
const DEFAULT_CLEANUP_LIMIT: i64 = 10;
/// Most characters of an emulator's name.
const LONGEST_EMULATOR: usize = 50;

/// Uploads a save. Needs assets.write, and devices.write where a device is named; a device-bound token stands for its
/// device. A save that its device did not know of is never replaced: the upload is kept beside it and answered 409.
#[utoipa::path(
    post,
    path = "/api/saves",
    tag = "saves",
    params(wire::UploadParams),
    request_body(content = wire::UploadBody, content_type = "multipart/form-data"),
    responses(
        (status = 200, description = "Stored, or what the head holds already", body = wire::Save),
        (status = 400, description = "No file name, or a malformed body", body = ErrorBody),
        (status = 404, description = "Unknown device or game", body = ErrorBody),
        (status = 408, description = "The body came too slowly", body = ErrorBody),
        (status = 409, description = "Refused and kept as a fork", body = wire::UploadConflict),
        (status = 413, description = "The body or the picture is too large", body = ErrorBody),
        (status = 422, description = "Bad parameters, or no save", body = InvalidBody),
        (status = 507, description = "No space is left", body = ErrorBody),
    )
)]
pub(super) async fn upload(
    request: HttpRequest,
    state: State,
    Authenticated { caller, input: (QueryParams(params), body) }: Authenticated<(
        QueryParams<wire::UploadParams>,
        Payload,
    )>,
) -> Result<HttpResponse, ApiError> {
    caller.require(Scope::AssetsWrite)?;
    let destination = Destination::read(&caller, params)?;
    let (user, device, game) = (caller.user.id, destination.device, destination.game);
    state.ports.store.read(move |tx| save::check_upload(tx, user, device, game)).await?;

    let mut form = receive(&request, body, &state, &[FilePart::Save, FilePart::Screenshot]).await?;
    let save = form.require(FilePart::Save)?;
    let screenshot = form.finish_screenshot().await?;
    let upload = destination.take(&caller, save.finish().await?, screenshot);
    let now = state.now();
    let judging = move |tx: &mut dyn Transaction, happened: &mut Happened| judge(tx, happened, now, &upload);
    Ok(event::transact(&state.ports, judging).await?.into_response())
}

/// The emulator that a parameter names.
///
/// # Errors
/// 422 for a name that is too long.
pub(crate) fn emulator(name: Option<String>) -> Result<Option<String>, ApiError> {
    match name {
        Some(name) if name.chars().count() > LONGEST_EMULATOR => {
            Err(invalid_parameter("emulator", "emulator must have at most 50 characters"))
        }
        name => Ok(name),
    }
}

/// Where an upload goes: the parameters, read.
struct Destination {
    game: GameId,
    slot: Option<SlotName>,
    emulator: Option<String>,
    device: Option<DeviceId>,
    session: Option<SessionId>,
    mode: UploadMode,
    cleanup: Cleanup,
}

impl Destination {
    fn read(caller: &Caller, params: wire::UploadParams) -> Result<Self, ApiError> {
        let named = named_device_with(caller, Scope::DevicesWrite, params.device_id.as_deref())?;
        let slot = params.slot.as_deref().map(SlotName::new).transpose();
        let limit = params.autocleanup_limit.unwrap_or(DEFAULT_CLEANUP_LIMIT).clamp(1, 100);
        Ok(Self {
            game: GameId(params.rom_id),
            slot: slot.map_err(|fault| invalid_parameter("slot", fault))?,
            emulator: emulator(params.emulator)?,
            device: named.or(caller.bound_device()),
            session: params.session_id.map(SessionId),
            mode: match params.overwrite {
                Some(true) => UploadMode::Overwrite,
                _ => UploadMode::Guarded,
            },
            cleanup: match params.autocleanup {
                Some(true) => Cleanup::KeepNewest(u32::try_from(limit).unwrap_or(1)),
                _ => Cleanup::Off,
            },
        })
    }

    fn take(self, caller: &Caller, received: ReceivedFile, screenshot: Option<Picture>) -> Upload {
        Upload {
            user: caller.user.id,
            game: self.game,
            slot: self.slot,
            file_name: received.file_name,
            emulator: self.emulator,
            content: received.content,
            screenshot,
            device: self.device,
            session: self.session,
            mode: self.mode,
            cleanup: self.cleanup,
        }
    }
}

fn judge(
    tx: &mut dyn Transaction,
    happened: &mut Happened,
    now: Timestamp,
    upload: &Upload,
) -> Result<Outcome, ApiError> {
    let outcome = save::upload(tx, now, upload)?;
    happened.uploaded(tx, upload, &outcome)?;
    Ok(match outcome {
        UploadOutcome::Stored(save) | UploadOutcome::AlreadyHead(save) => {
            Outcome::kept(tx, &save, upload.device)?
        }
        UploadOutcome::Refused(refusal) => Outcome::refused(tx, *refusal, upload.device)?,
    })
}
