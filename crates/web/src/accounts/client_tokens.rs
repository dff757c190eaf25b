//! Client tokens: their owner's, and all of them for administrators.

use actix_web::http::StatusCode;
use actix_web::web::Json;
use memcard_api::accounts as api;
use memcard_api::errors::{ErrorBody, InvalidRequest};
use memcard_domain::account::{self, TokenRequest, generate_token};
use memcard_domain::ids::TokenId;
use memcard_domain::ports::UnitOfWorkExt as _;

use super::conversion;
use super::{read_expiry, read_scopes};
use crate::caller::Authenticated;
use crate::error::ApiError;
use crate::input::{JsonBody, PathId};
use crate::routing::Endpoints;
use crate::state::State;

/// The endpoints.
pub(super) fn endpoints(endpoints: &mut Endpoints) {
    endpoints.add(__path_create, create);
    endpoints.add(__path_list, list);
    endpoints.add(__path_delete, delete);
    endpoints.add(__path_regenerate, regenerate);
    endpoints.add(__path_list_all, list_all);
    endpoints.add(__path_delete_any, delete_any);
}

/// Makes a client token; its secret is shown here and never again.
#[utoipa::path(
    post,
    path = "/api/client-tokens",
    tag = "client tokens",
    request_body = api::NewClientToken,
    responses(
        (status = 201, body = api::ClientTokenWithSecret),
        (status = 400, description = "There are as many as there may be.", body = ErrorBody),
        (status = 422, description = "A fault of a member, or (as a text) a bad `expires_in`.", body = InvalidRequest),
    ),
)]
async fn create(
    Authenticated { caller, input: JsonBody(body) }: Authenticated<JsonBody<api::NewClientToken>>,
    state: State,
) -> Result<(Json<api::ClientTokenWithSecret>, StatusCode), ApiError> {
    let request = TokenRequest {
        scopes: read_scopes("scopes", &body.scopes)?,
        expiry: read_expiry(body.expires_in.as_deref())?,
        name: body.name,
    };
    let secret = generate_token(&*state.ports.secrets);
    let (now, shown) = (state.now(), secret.clone());
    let token = state
        .ports
        .store
        .transact(move |tx| account::create_token(tx, now, &caller, request, &secret))
        .await?;
    Ok((Json(conversion::token_with_secret(&token, &shown)), StatusCode::CREATED))
}

/// The caller's tokens, newest first.
#[utoipa::path(
    get,
    path = "/api/client-tokens",
    tag = "client tokens",
    responses(
        (status = 200, body = Vec<api::ClientToken>),
    ),
)]
async fn list(
    Authenticated { caller, .. }: Authenticated,
    state: State,
) -> Result<Json<Vec<api::ClientToken>>, ApiError> {
    let tokens = state.ports.store.read(move |tx| account::list_tokens(tx, &caller)).await?;
    Ok(Json(tokens.iter().map(conversion::token).collect()))
}

/// Deletes one of the caller's tokens.
#[utoipa::path(
    delete,
    path = "/api/client-tokens/{id}",
    tag = "client tokens",
    params(("id" = i32, Path)),
    responses(
        (status = 200, description = "`null`", body = ()),
        (status = 404),
    ),
)]
async fn delete(
    Authenticated { caller, input: PathId(id) }: Authenticated<PathId<TokenId>>,
    state: State,
) -> Result<Json<()>, ApiError> {
    state.ports.store.transact(move |tx| account::delete_token(tx, &caller, id)).await?;
    Ok(Json(()))
}

/// Gives one of the caller's tokens a new secret; the old one is dead at once.
#[utoipa::path(
    put,
    path = "/api/client-tokens/{id}/regenerate",
    tag = "client tokens",
    params(("id" = i32, Path)),
    responses(
        (status = 200, body = api::ClientTokenWithSecret),
        (status = 404),
    ),
)]
async fn regenerate(
    Authenticated { caller, input: PathId(id) }: Authenticated<PathId<TokenId>>,
    state: State,
) -> Result<Json<api::ClientTokenWithSecret>, ApiError> {
    let secret = generate_token(&*state.ports.secrets);
    let shown = secret.clone();
    let token =
        state.ports.store.transact(move |tx| account::regenerate_token(tx, &caller, id, &secret)).await?;
    Ok(Json(conversion::token_with_secret(&token, &shown)))
}

/// Everybody's tokens, newest first.
#[utoipa::path(
    get,
    path = "/api/client-tokens/all",
    tag = "client tokens",
    responses(
        (status = 200, body = Vec<api::OwnedClientToken>),
    ),
)]
async fn list_all(
    Authenticated { caller, .. }: Authenticated,
    state: State,
) -> Result<Json<Vec<api::OwnedClientToken>>, ApiError> {
    let tokens = state.ports.store.read(move |tx| account::list_all_tokens(tx, &caller)).await?;
    let owned = tokens.iter().map(|(token, owner)| api::OwnedClientToken {
        token: conversion::token(token),
        username: owner.username.to_string(),
        user_avatar_path: String::new(),
        user_updated_at: owner.updated_at.into(),
    });
    Ok(Json(owned.collect()))
}

/// Deletes anybody's token.
#[utoipa::path(
    delete,
    path = "/api/client-tokens/{id}/admin",
    tag = "client tokens",
    params(("id" = i32, Path)),
    responses(
        (status = 200, description = "`null`", body = ()),
        (status = 404),
    ),
)]
async fn delete_any(
    Authenticated { caller, input: PathId(id) }: Authenticated<PathId<TokenId>>,
    state: State,
) -> Result<Json<()>, ApiError> {
    state.ports.store.transact(move |tx| account::delete_any_token(tx, &caller, id)).await?;
    Ok(Json(()))
}
