//! Lists of saves, and single ones.

use actix_web::web::Json;
use memcard_api::errors::ErrorBody;
use memcard_api::saves as wire;
use memcard_domain::account::Scope;
use memcard_domain::ids::{GameId, PlatformId, SaveId};
use memcard_domain::ports::UnitOfWorkExt as _;
use memcard_domain::save::{self, SaveFilter, SlotName, SlotSummary, SyncedSave};

use super::shown::show;
use crate::caller::Authenticated;
use crate::error::{ApiError, invalid_parameter};
use crate::input::{PathId, QueryParams};
use crate::named_device::named_device_with;
use crate::state::State;

/// Lists saves, newest first. Needs assets.read, and devices.read where a device is named.
#[utoipa::path(
    get,
    path = "/api/saves",
    tag = "saves",
    params(wire::ListParams),
    responses(
        (status = 200, body = Vec<wire::Save>),
        (status = 404, description = "Unknown device", body = ErrorBody),
    )
)]
pub(super) async fn list(
    state: State,
    Authenticated { caller, input: QueryParams(params) }: Authenticated<QueryParams<wire::ListParams>>,
) -> Result<Json<Vec<wire::Save>>, ApiError> {
    caller.require(Scope::AssetsRead)?;
    let device = named_device_with(&caller, Scope::DevicesRead, params.device_id.as_deref())?;
    let slot = params.slot.as_deref().map(SlotName::new).transpose();
    let filter = SaveFilter {
        user: caller.user.id,
        game: params.rom_id.map(GameId),
        platform: params.platform_id.map(PlatformId),
        slot: slot.map_err(|fault| invalid_parameter("slot", fault))?,
    };
    let saves = state.ports.store.read(move |tx| save::list(tx, &filter, device)).await?;
    Ok(Json(saves.into_iter().map(show).collect()))
}

/// The ids of all listed saves, newest first. Needs assets.read.
#[utoipa::path(get, path = "/api/saves/identifiers", tag = "saves", responses((status = 200, body = Vec<i32>)))]
pub(super) async fn identifiers(
    state: State,
    Authenticated { caller, .. }: Authenticated,
) -> Result<Json<Vec<i32>>, ApiError> {
    caller.require(Scope::AssetsRead)?;
    let user = caller.user.id;
    let ids = state.ports.store.read(move |tx| save::identifiers(tx, user)).await?;
    Ok(Json(ids.into_iter().map(|id| id.0).collect()))
}

/// A game's saves by slot. Needs assets.read.
#[utoipa::path(
    get,
    path = "/api/saves/summary",
    tag = "saves",
    params(wire::SummaryParams),
    responses((status = 200, body = wire::Summary))
)]
pub(super) async fn summary(
    state: State,
    Authenticated { caller, input: QueryParams(params) }: Authenticated<QueryParams<wire::SummaryParams>>,
) -> Result<Json<wire::Summary>, ApiError> {
    caller.require(Scope::AssetsRead)?;
    let (user, game) = (caller.user.id, GameId(params.rom_id));
    let slots = state.ports.store.read(move |tx| save::summarize(tx, user, game)).await?;
    Ok(Json(wire::Summary {
        total_count: slots.iter().map(|slot| slot.count).sum(),
        slots: slots.into_iter().map(show_slot).collect(),
    }))
}

/// One save, forks included. Needs assets.read, and devices.read where a device is named.
#[utoipa::path(
    get,
    path = "/api/saves/{id}",
    tag = "saves",
    params(("id" = i32, Path), wire::FindParams),
    responses(
        (status = 200, body = wire::Save),
        (status = 404, description = "Unknown save or device", body = ErrorBody),
    )
)]
pub(super) async fn find(
    state: State,
    Authenticated { caller, input: (PathId(id), QueryParams(params)) }: Authenticated<(
        PathId<SaveId>,
        QueryParams<wire::FindParams>,
    )>,
) -> Result<Json<wire::Save>, ApiError> {
    caller.require(Scope::AssetsRead)?;
    let device = named_device_with(&caller, Scope::DevicesRead, params.device_id.as_deref())?;
    let user = caller.user.id;
    let save = state.ports.store.read(move |tx| save::find(tx, user, id, device)).await?;
    Ok(Json(show(save)))
}

fn show_slot(slot: SlotSummary) -> wire::SlotSummary {
    wire::SlotSummary {
        slot: slot.name.map(|name| name.as_str().to_owned()),
        count: slot.count,
        latest: show(SyncedSave { save: slot.latest, device_syncs: Vec::new() }),
    }
}
