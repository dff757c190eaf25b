//! `PUT /api/saves/{id}`: device and save are checked before the body is read, the bytes are durable before the
//! transaction that judges them.

use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};
use memcard_api::errors::{ErrorBody, InvalidBody};
use memcard_api::saves as wire;
use memcard_domain::account::Scope;
use memcard_domain::ids::SaveId;
use memcard_domain::ports::{Transaction, UnitOfWorkExt as _};
use memcard_domain::save::{self, Change, Edit, EditOutcome};
use memcard_domain::time::Timestamp;

use super::outcome::Outcome;
use crate::caller::Authenticated;
use crate::error::ApiError;
use crate::files::{FilePart, missing, receive};
use crate::input::{PathId, QueryParams};
use crate::named_device::named_device_with;
use crate::state::State;

/// Puts other bytes in a save: id and name stay, and it becomes its slot's newest. What it had goes on in the history. A
/// picture without bytes is taken for one of the bytes that are there. Needs assets.write, and devices.write where a device
/// is named; a device-bound token stands for no device here. A device that does not know the slot's head is answered 409,
/// as on upload. Without a device it is always done.
#[utoipa::path(
    put,
    path = "/api/saves/{id}",
    tag = "saves",
    params(("id" = i32, Path), wire::EditParams),
    request_body(content = wire::EditBody, content_type = "multipart/form-data"),
    responses(
        (status = 200, description = "Stored", body = wire::Save),
        (status = 400, description = "No file name, or a malformed body", body = ErrorBody),
        (status = 404, description = "Unknown device or save", body = ErrorBody),
        (status = 408, description = "The body came too slowly", body = ErrorBody),
        (status = 409, description = "Refused and kept as a fork; or, with `detail` alone, the save is a fork",
            body = wire::UploadConflict),
        (status = 413, description = "The body or the picture is too large", body = ErrorBody),
        (status = 422, description = "Bad parameters, or neither bytes nor a picture", body = InvalidBody),
        (status = 507, description = "No space is left", body = ErrorBody),
    )
)]
pub(super) async fn edit(
    request: HttpRequest,
    state: State,
    Authenticated { caller, input: (PathId(row), QueryParams(params), body) }: Authenticated<(
        PathId<SaveId>,
        QueryParams<wire::EditParams>,
        Payload,
    )>,
) -> Result<HttpResponse, ApiError> {
    caller.require(Scope::AssetsWrite)?;
    let device = named_device_with(&caller, Scope::DevicesWrite, params.device_id.as_deref())?;
    let user = caller.user.id;
    state.ports.store.read(move |tx| save::check_edit(tx, user, device, row)).await?;

    let mut form = receive(&request, body, &state, &[FilePart::Save, FilePart::Screenshot]).await?;
    let file = form.take(FilePart::Save);
    let screenshot = form.finish_screenshot().await?;
    let change = match (file, screenshot) {
        (Some(file), screenshot) => Change::Content { content: file.finish().await?.content, screenshot },
        (None, Some(picture)) => Change::Screenshot(picture),
        (None, None) => return Err(missing(FilePart::Save)),
    };
    let edit = Edit { user, row, device, change };
    let now = state.now();
    let outcome = state.ports.store.transact(move |tx| judge(tx, now, &edit)).await?;
    Ok(outcome.into_response())
}

fn judge(tx: &mut dyn Transaction, now: Timestamp, edit: &Edit) -> Result<Outcome, ApiError> {
    Ok(match save::edit(tx, now, edit)? {
        EditOutcome::Stored(save) => Outcome::kept(tx, &save, edit.device)?,
        EditOutcome::Refused(refusal) => Outcome::refused(tx, *refusal, edit.device)?,
    })
}
