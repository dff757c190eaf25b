//! Access tokens (RFC 6749 § 4.3 and § 6, with the member names that clients know).

use actix_web::web::Json;
use memcard_api::accounts as api;
use memcard_api::errors::ErrorBody;
use memcard_domain::account::{self, IssuedTokens, ScopeSet};
use memcard_domain::secret::Secret;

use crate::client_address::ClientAddress;
use crate::error::{ApiError, invalid_member};
use crate::input::FormBody;
use crate::routing::Endpoints;
use crate::state::State;

/// The endpoints.
pub(super) fn endpoints(endpoints: &mut Endpoints) {
    endpoints.add(__path_issue, issue);
}

/// Trades a password or a refresh token for an access token.
#[utoipa::path(
    post,
    path = "/api/token",
    tag = "accounts",
    request_body(content = api::AccessTokenRequest, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, body = api::AccessToken),
        (status = 401),
        (status = 403, description = "The scopes exceed the user's own.", body = ErrorBody),
        (status = 429),
    ),
)]
async fn issue(
    FormBody(request): FormBody<api::AccessTokenRequest>,
    address: ClientAddress,
    state: State,
) -> Result<Json<api::AccessToken>, ApiError> {
    let issued = match request.grant_type.as_str() {
        "password" => by_password(request, &address, &state).await?,
        "refresh_token" => {
            let shown = required("refresh_token", request.refresh_token)?;
            account::refresh(&state.ports, Secret::new(shown)).await?
        }
        _ => return Err(invalid_member("grant_type", "expected password or refresh_token")),
    };
    Ok(Json(describe(&issued)))
}

async fn by_password(
    request: api::AccessTokenRequest,
    address: &ClientAddress,
    state: &State,
) -> Result<IssuedTokens, ApiError> {
    let username = required("username", request.username)?;
    let password = Secret::new(required("password", request.password)?);
    let scopes: ScopeSet =
        request.scope.unwrap_or_default().parse().map_err(|error| invalid_member("scope", error))?;
    let user = account::check_password(&state.ports, &username, password, address.as_str()).await?;
    let scopes = (!scopes.is_empty()).then_some(scopes);
    Ok(account::issue_access_token(&state.ports, &user, scopes).await?)
}

fn required(name: &str, value: Option<String>) -> Result<String, ApiError> {
    value.filter(|value| !value.is_empty()).ok_or_else(|| invalid_member(name, "Field required"))
}

fn describe(issued: &IssuedTokens) -> api::AccessToken {
    api::AccessToken {
        access_token: issued.access.expose().to_owned(),
        refresh_token: issued.refresh.expose().to_owned(),
        token_type: "bearer".to_owned(),
        expires: issued.expires_in.num_seconds(),
        refresh_expires: issued.refresh_expires_in.num_seconds(),
    }
}
