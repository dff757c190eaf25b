//! Pair codes: how an existing client token gets to a device without being typed.

use actix_web::web::{Json, Path};
use memcard_api::accounts as api;
use memcard_domain::account::{self, PAIR_CODE_LIFE};
use memcard_domain::ids::TokenId;

use super::conversion;
use crate::caller::Authenticated;
use crate::client_address::ClientAddress;
use crate::error::ApiError;
use crate::input::{JsonBody, PathId};
use crate::routing::Endpoints;
use crate::state::State;

/// The endpoints.
pub(super) fn endpoints(endpoints: &mut Endpoints) {
    endpoints.add(__path_offer, offer);
    endpoints.add(__path_status, status);
    endpoints.add(__path_exchange, exchange);
}

/// Makes a code, good once and for a minute, that hands out one of the caller's tokens.
#[utoipa::path(
    post,
    path = "/api/client-tokens/{id}/pair",
    tag = "client tokens",
    params(("id" = i32, Path)),
    responses(
        (status = 200, body = api::PairCode),
        (status = 404),
    ),
)]
async fn offer(
    Authenticated { caller, input: PathId(id) }: Authenticated<PathId<TokenId>>,
    state: State,
) -> Result<Json<api::PairCode>, ApiError> {
    let code = account::offer_token(&state.ports, &caller, id).await?;
    Ok(Json(api::PairCode { code: code.expose().to_owned(), expires_in: PAIR_CODE_LIFE.num_seconds() }))
}

/// Whether a code is still waiting to be used.
#[utoipa::path(
    get,
    path = "/api/client-tokens/pair/{code}/status",
    tag = "client tokens",
    params(("code" = String, Path)),
    responses((status = 200, description = "`null`: it is", body = ()), (status = 404)),
)]
async fn status(code: Path<String>, state: State) -> Result<Json<()>, ApiError> {
    if account::is_offered(&state.ports, &code).await? {
        Ok(Json(()))
    } else {
        Err(ApiError::unknown_route())
    }
}

/// Trades a code for its token, with a fresh secret.
#[utoipa::path(
    post,
    path = "/api/client-tokens/exchange",
    tag = "client tokens",
    request_body = api::PairCodeExchange,
    responses(
        (status = 200, body = api::ClientTokenWithSecret),
        (status = 403),
        (status = 404),
        (status = 429),
    ),
)]
async fn exchange(
    JsonBody(body): JsonBody<api::PairCodeExchange>,
    address: ClientAddress,
    state: State,
) -> Result<Json<api::ClientTokenWithSecret>, ApiError> {
    let exchanged = account::exchange(&state.ports, &body.code, address.as_str()).await?;
    Ok(Json(conversion::token_with_secret(&exchanged.token, &exchanged.secret)))
}
