//! Requests that another site makes a browser send. A session cookie goes along with them, so whatever it
//! authenticates must also show that the page was ours: by where the browser says the request comes from, and by a token
//! that only our pages know (decision 0008).

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{HOST, ORIGIN};
use actix_web::http::uri::Authority;
use memcard_domain::account::csrf_token;
use memcard_domain::secret::Secret;
use serde::Deserialize;

use crate::error::ApiError;
use crate::input::{collect, is_form, read_pairs};
use crate::settings::PublicUrl;
use crate::state::State;

/// The header that carries the token where there is no form.
pub(crate) const TOKEN_HEADER: &str = "x-csrf-token";

/// Demands, of a request that may change something, that it comes from our own page and carries the session's token,
/// in the header or as form member `csrf_token`. A form that had to be read for it is put back.
///
/// # Errors
/// 403 `CSRF validation failed`.
pub(crate) async fn demand_token(
    request: &HttpRequest,
    cookie: &Secret,
    payload: &mut Payload,
) -> Result<(), ApiError> {
    if request.method().is_safe() {
        return Ok(());
    }
    demand_own_origin(request)?;
    let shown = shown_token(request, payload).await?.ok_or_else(refused)?;
    if shown.digest().matches(&csrf_token(cookie).digest()) { Ok(()) } else { Err(refused()) }
}

/// Demands that a browser does not say that the request comes from elsewhere. Another port of this host is elsewhere.
///
/// Programs say nothing. Nor does a browser over plain http: without `Sec-Fetch-Site`, which needs a trustworthy
/// address, and with `Origin: null`, which our own `Referrer-Policy: no-referrer` makes of it. Then the token decides.
///
/// # Errors
/// 403 `CSRF validation failed`.
pub(crate) fn demand_own_origin(request: &HttpRequest) -> Result<(), ApiError> {
    let says = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    let is_ours = match (says("sec-fetch-site"), says(ORIGIN.as_str())) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, None | Some("null")) => true,
        (None, Some(origin)) => is_own_origin(origin, request),
    };
    if is_ours { Ok(()) } else { Err(refused()) }
}

fn refused() -> ApiError {
    ApiError::new(StatusCode::FORBIDDEN, "CSRF validation failed")
}

#[derive(Deserialize)]
struct TokenMember {
    csrf_token: Option<String>,
}

async fn shown_token(request: &HttpRequest, payload: &mut Payload) -> Result<Option<Secret>, ApiError> {
    if let Some(token) = request.headers().get(TOKEN_HEADER) {
        return Ok(token.to_str().ok().map(Secret::new));
    }
    if !is_form(request) {
        return Ok(None);
    }
    let form = collect(request, payload).await?;
    let member: TokenMember = read_pairs("body", &form)?;
    *payload = Payload::from(form);
    Ok(member.csrf_token.map(Secret::new))
}

/// Whether the origin is the public one, or that of the host the request names. Where that host is the public one, the
/// scheme must be too.
fn is_own_origin(origin: &str, request: &HttpRequest) -> bool {
    let public = request.app_data::<State>().and_then(|state| state.settings.public_url.as_ref());
    let Ok(origin) = origin.parse::<PublicUrl>() else { return false };
    if let Some(public) = public.filter(|public| public.authority() == origin.authority()) {
        return *public == origin;
    }
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok());
    let host = host.or_else(|| request.uri().authority().map(Authority::as_str));
    host.is_some_and(|host| origin.is_at(host))
}
