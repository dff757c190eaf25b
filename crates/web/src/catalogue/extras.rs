//! What clients ask for at start and cope with little of: Memcard binds no platforms, groups no games and keeps no
//! firmware.

use actix_web::web::Json;
use memcard_api::catalogue as wire;
use memcard_domain::account::Scope;
use serde_json::Value;

use crate::caller::Authenticated;
use crate::error::ApiError;
use crate::routing::Endpoints;

type Nothing = Result<Json<Vec<Value>>, ApiError>;

pub(super) fn endpoints(endpoints: &mut Endpoints) {
    endpoints.add(__path_config, config);
    endpoints.add(__path_collections, collections);
    endpoints.add(__path_smart_collections, smart_collections);
    endpoints.add(__path_virtual_collections, virtual_collections);
    endpoints.add(__path_collection_identifiers, collection_identifiers);
    endpoints.add(__path_firmware, firmware);
    endpoints.add(__path_firmware_identifiers, firmware_identifiers);
}

/// How the library's folders are bound to platforms: they are not.
#[utoipa::path(get, path = "/api/config", tag = "catalogue", responses((status = 200, body = wire::Config)))]
async fn config(_: Authenticated) -> Json<wire::Config> {
    Json(wire::Config::default())
}

/// Collections: there are none. Needs collections.read.
#[utoipa::path(get, path = "/api/collections", tag = "catalogue", responses((status = 200, body = Vec<Object>)))]
async fn collections(Authenticated { caller, .. }: Authenticated) -> Nothing {
    caller.require(Scope::CollectionsRead)?;
    Ok(Json(Vec::new()))
}

/// Collections by rule: there are none. Needs collections.read.
#[utoipa::path(get, path = "/api/collections/smart", tag = "catalogue", responses((status = 200, body = Vec<Object>)))]
async fn smart_collections(asked: Authenticated) -> Nothing {
    collections(asked).await
}

/// Collections by metadata: there are none. Needs collections.read.
#[utoipa::path(get, path = "/api/collections/virtual", tag = "catalogue", responses((status = 200, body = Vec<Object>)))]
async fn virtual_collections(asked: Authenticated) -> Nothing {
    collections(asked).await
}

/// The ids of all collections: there are none. Needs collections.read.
#[utoipa::path(
    get,
    path = "/api/collections/identifiers",
    tag = "catalogue",
    responses((status = 200, body = Vec<i32>))
)]
async fn collection_identifiers(asked: Authenticated) -> Nothing {
    collections(asked).await
}

/// Firmware: there is none. Needs firmware.read.
#[utoipa::path(get, path = "/api/firmware", tag = "catalogue", responses((status = 200, body = Vec<Object>)))]
async fn firmware(Authenticated { caller, .. }: Authenticated) -> Nothing {
    caller.require(Scope::FirmwareRead)?;
    Ok(Json(Vec::new()))
}

/// The ids of all firmware: there is none. Needs firmware.read.
#[utoipa::path(get, path = "/api/firmware/identifiers", tag = "catalogue", responses((status = 200, body = Vec<i32>)))]
async fn firmware_identifiers(asked: Authenticated) -> Nothing {
    firmware(asked).await
}
