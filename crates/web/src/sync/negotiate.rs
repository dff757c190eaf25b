//! `POST /api/sync/negotiate`.

use actix_web::web::Json;
use memcard_api::errors::ErrorBody;
use memcard_api::sync as wire;
use memcard_domain::account::Scope;
use memcard_domain::event::{self, Happened};
use memcard_domain::ids::GameId;
use memcard_domain::ports::Transaction;
use memcard_domain::save::{FileName, SlotName};
use memcard_domain::sync::decision::Action;
use memcard_domain::sync::{self, ClientFile, NegotiateError, Operation, Plan};
use memcard_domain::time::micros;

use crate::caller::Authenticated;
use crate::error::{ApiError, invalid_at};
use crate::input::JsonBody;
use crate::named_device::named_device;
use crate::state::State;

/// Plans a sync: the device names its files, the answer says what to do with each. Needs assets.read and devices.read.
/// A device-bound token stands for its device.
#[utoipa::path(
    post,
    path = "/api/sync/negotiate",
    tag = "sync",
    request_body = wire::Negotiate,
    responses(
        (status = 200, body = wire::Plan),
        (status = 400, description = "No device, or its sync is switched off", body = ErrorBody),
        (status = 404, description = "Unknown device", body = ErrorBody),
    )
)]
pub(super) async fn negotiate(
    state: State,
    Authenticated { caller, input: JsonBody(body) }: Authenticated<JsonBody<wire::Negotiate>>,
) -> Result<Json<wire::Plan>, ApiError> {
    caller.require(Scope::AssetsRead)?;
    caller.require(Scope::DevicesRead)?;
    let device = named_device(body.device_id.as_deref())?.or(caller.bound_device()).ok_or_else(|| {
        ApiError::bad_request("device_id is required when the token is not bound to a device")
    })?;
    let files = body.saves.into_iter().enumerate().map(|(index, file)| read(index, file));
    let files = files.collect::<Result<Vec<ClientFile>, ApiError>>()?;
    let (now, user) = (state.now(), caller.user.id);
    let negotiate = move |tx: &mut dyn Transaction, happened: &mut Happened| {
        let plan = sync::negotiate(tx, now, user, device, &files)?;
        happened.negotiated(&plan);
        Ok::<_, NegotiateError>(plan)
    };
    let plan = event::transact(&state.ports, negotiate).await?;
    Ok(Json(show(plan)))
}

/// Reads an entry. A hash of another kind than ours says nothing, as if it were left out.
fn read(index: usize, file: wire::ClientFile) -> Result<ClientFile, ApiError> {
    let at = |member: &str| vec!["body".into(), "saves".into(), index.into(), member.into()];
    let file_name = FileName::new(&file.file_name).map_err(|fault| invalid_at(at("file_name"), fault))?;
    let slot = file.slot.as_deref().map(SlotName::new).transpose();
    Ok(ClientFile {
        game: GameId(file.rom_id),
        file_name,
        slot: slot.map_err(|fault| invalid_at(at("slot"), fault))?,
        emulator: file.emulator,
        content_hash: file.content_hash.and_then(|hash| hash.parse().ok()),
        file_time: micros(file.updated_at.0),
        size: file.file_size_bytes,
    })
}

fn show(plan: Plan) -> wire::Plan {
    wire::Plan {
        session_id: plan.session.id.0,
        total_upload: plan.total(Action::Upload),
        total_download: plan.total(Action::Download),
        total_conflict: plan.total(Action::Conflict),
        total_no_op: plan.total(Action::NoOp),
        operations: plan.operations.into_iter().map(show_operation).collect(),
    }
}

fn show_operation(operation: Operation) -> wire::Operation {
    let server = operation.server;
    wire::Operation {
        action: show_action(operation.action),
        rom_id: operation.game.0,
        save_id: operation.save.map(|save| save.0),
        file_name: operation.file_name.as_str().to_owned(),
        slot: operation.slot.map(|slot| slot.as_str().to_owned()),
        emulator: operation.emulator,
        reason: operation.reason.text().to_owned(),
        server_updated_at: server.map(|server| server.updated_at.into()),
        server_content_hash: server.and_then(|server| server.content_hash).map(|hash| hash.to_string()),
    }
}

fn show_action(action: Action) -> wire::Action {
    match action {
        Action::Upload => wire::Action::Upload,
        Action::Download => wire::Action::Download,
        Action::Conflict => wire::Action::Conflict,
        Action::NoOp | Action::Nothing => wire::Action::NoOp,
    }
}
