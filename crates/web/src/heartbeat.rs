//! The heartbeat (contract § 0, rule 7): clients gate on it before they do anything else.

use actix_web::web::Json;
use memcard_api::heartbeat::{API_LEVEL, Heartbeat, Memcard, System};
use memcard_domain::account;
use memcard_domain::ports::UnitOfWorkExt as _;

use crate::error::ApiError;
use crate::routing::Endpoints;
use crate::state::State;

/// The section's endpoints.
pub(crate) fn endpoints(endpoints: &mut Endpoints) {
    endpoints.add(__path_heartbeat, heartbeat);
}

/// Which API level the server speaks, and whether anybody has an account yet.
#[utoipa::path(get, path = "/api/heartbeat", tag = "system", responses((status = 200, body = Heartbeat)))]
async fn heartbeat(state: State) -> Result<Json<Heartbeat>, ApiError> {
    let is_set_up = state.ports.store.read(account::is_set_up).await?;
    Ok(Json(Heartbeat {
        system: System { version: API_LEVEL.to_owned(), show_setup_wizard: !is_set_up },
        memcard: Memcard { version: state.settings.version.clone() },
    }))
}
