//! Logging a browser in and out.

use actix_web::http::header::AUTHORIZATION;
use actix_web::{HttpRequest, HttpResponse, web};
use memcard_api::accounts as api;
use memcard_domain::account::{self, BrowserLogin, Shown, csrf_token};
use memcard_domain::ports::UnitOfWorkExt as _;
use memcard_domain::secret::Secret;

use crate::browser::browser_of;
use crate::caller::{Authenticated, credentials};
use crate::client_address::ClientAddress;
use crate::cross_site;
use crate::error::ApiError;
use crate::input::FormOrJson;
use crate::routing::Endpoints;
use crate::session_cookie;
use crate::state::State;

/// The endpoints.
pub(super) fn endpoints(endpoints: &mut Endpoints) {
    endpoints.add(__path_begin, begin);
    endpoints.add(__path_end, end);
}

/// Gives a browser its session cookie, for Basic credentials or a form, and makes or finds the user's device for it. The session's CSRF token, which unsafe requests
/// by cookie must carry in the same header, is answered as `X-CSRF-Token`.
#[utoipa::path(
    post,
    path = "/api/login",
    tag = "accounts",
    request_body(content = Option<api::LoginForm>, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "`null`, with the cookie.", body = ()),
        (status = 400),
        (status = 401),
        (status = 403),
        (status = 413),
        (status = 422),
        (status = 429),
    ),
)]
async fn begin(request: HttpRequest, body: web::Payload, state: State) -> Result<HttpResponse, ApiError> {
    cross_site::demand_own_origin(&request)?;
    let (username, password) = name_and_password(&request, body).await?;
    let login = log_in(&username, password, &request, &state).await?;
    let token = csrf_token(&login.cookie);
    Ok(HttpResponse::Ok()
        .append_header(session_cookie::set(&login.cookie, &state.settings))
        .append_header((cross_site::TOKEN_HEADER, token.expose()))
        .json(()))
}

/// Ends the login that the caller used.
#[utoipa::path(
    post,
    path = "/api/logout",
    tag = "accounts",
    responses((status = 200, description = "`null`", body = ())),
)]
async fn end(Authenticated { caller, .. }: Authenticated, state: State) -> Result<HttpResponse, ApiError> {
    state.ports.store.transact(move |tx| account::log_out(tx, &caller)).await?;
    Ok(HttpResponse::Ok().append_header(session_cookie::clear(&state.settings)).json(()))
}

/// Checks the password and begins a session for whatever sent the request.
///
/// # Errors
/// 401 and 429.
pub(crate) async fn log_in(
    username: &str,
    password: Secret,
    request: &HttpRequest,
    state: &State,
) -> Result<BrowserLogin, ApiError> {
    let address = ClientAddress::of(request);
    let user = account::check_password(&state.ports, username, password, address.as_str()).await?;
    Ok(account::log_in_browser(&state.ports, &user, browser_of(request)).await?)
}

/// Whether it is the token that the first account needs.
pub(crate) fn setup_token_matches(shown: &str, state: &State) -> bool {
    state.settings.setup_token.is_some_and(|expected| Secret::new(shown).digest().matches(&expected))
}

async fn name_and_password(request: &HttpRequest, body: web::Payload) -> Result<(String, Secret), ApiError> {
    match request.headers().get(AUTHORIZATION) {
        Some(header) => match credentials(header) {
            Some(Shown::Basic { username, password }) => Ok((username, password)),
            _ => Err(ApiError::unauthenticated()),
        },
        None => {
            let FormOrJson(form) =
                FormOrJson::<api::LoginForm>::read(request, &mut body.into_inner()).await?;
            Ok((form.username, Secret::new(form.password)))
        }
    }
}
