//! Who calls. The credential is judged before anything else of the request is read: without a good one the answer is
//! 401, whatever is wrong with the rest.

use actix_web::dev::Payload;
use actix_web::http::header::{AUTHORIZATION, HeaderValue};
use actix_web::{FromRequest, HttpRequest};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use futures_util::future::LocalBoxFuture;
use memcard_domain::account::{self, Caller, Shown};
use memcard_domain::secret::Secret;

use crate::client_address::ClientAddress;
use crate::cross_site;
use crate::error::ApiError;
use crate::openapi::{Extractor, Refusals};
use crate::session_cookie;
use crate::state::State;

/// A request with a good credential, and what else the handler wants of it, read afterwards.
pub(crate) struct Authenticated<T = ()> {
    /// Who calls.
    pub(crate) caller: Caller,
    /// The rest.
    pub(crate) input: T,
}

/// A request with a good credential or none; a bad one is refused here too.
pub(crate) struct MaybeAuthenticated<T = ()> {
    /// Who calls, if they say.
    pub(crate) caller: Option<Caller>,
    /// The rest.
    pub(crate) input: T,
}

impl<T: FromRequest + 'static> FromRequest for Authenticated<T> {
    type Error = actix_web::Error;
    type Future = LocalBoxFuture<'static, Result<Self, actix_web::Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let caller = identify(&request, &mut payload).await?.ok_or_else(ApiError::unauthenticated)?;
            let input = T::from_request(&request, &mut payload).await.map_err(Into::into)?;
            Ok(Self { caller, input })
        })
    }
}

impl<T: FromRequest + 'static> FromRequest for MaybeAuthenticated<T> {
    type Error = actix_web::Error;
    type Future = LocalBoxFuture<'static, Result<Self, actix_web::Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let caller = identify(&request, &mut payload).await?;
            let input = T::from_request(&request, &mut payload).await.map_err(Into::into)?;
            Ok(Self { caller, input })
        })
    }
}

impl<T: Extractor + 'static> Extractor for Authenticated<T> {
    fn note(refusals: &mut Refusals) {
        refusals.demand_credential();
        T::note(refusals);
    }
}

impl<T: Extractor + 'static> Extractor for MaybeAuthenticated<T> {
    fn note(refusals: &mut Refusals) {
        refusals.read_credential();
        T::note(refusals);
    }
}

/// Who calls by the `Authorization` header or, only where there is none, by the session cookie; the latter against
/// cross-site requests.
async fn identify(request: &HttpRequest, payload: &mut Payload) -> Result<Option<Caller>, ApiError> {
    let state = State::extract(request).into_inner().map_err(|_| ApiError::unknown_route())?;
    if let Some(authorization) = request.headers().get(AUTHORIZATION) {
        let shown = credentials(authorization).ok_or_else(ApiError::unauthenticated)?;
        return authenticate(request, &state, shown).await.map(Some);
    }
    let Some(cookie) = session_cookie::read(request, &state.settings) else { return Ok(None) };
    let caller = authenticate(request, &state, Shown::Cookie(cookie.clone())).await?;
    cross_site::demand_token(request, &cookie, payload).await?;
    Ok(Some(caller))
}

/// The caller that a credential stands for.
///
/// # Errors
/// 401 for one that is none; 429 after too many wrong passwords.
pub(crate) async fn authenticate(
    request: &HttpRequest,
    state: &State,
    shown: Shown,
) -> Result<Caller, ApiError> {
    let address = ClientAddress::of(request);
    Ok(account::authenticate(&state.ports, shown, address.as_str()).await?)
}

/// Reads an `Authorization` header (RFC 9110 § 11.6.2); scheme names know no case.
pub(crate) fn credentials(authorization: &HeaderValue) -> Option<Shown> {
    let (scheme, shown) = authorization.to_str().ok()?.trim().split_once(' ')?;
    match scheme.to_ascii_lowercase().as_str() {
        "bearer" => Some(Shown::Bearer(Secret::new(shown.trim()))),
        "basic" => {
            let pair = String::from_utf8(BASE64_STANDARD.decode(shown.trim()).ok()?).ok()?;
            let (username, password) = pair.split_once(':')?;
            Some(Shown::Basic { username: username.to_owned(), password: Secret::new(password) })
        }
        _ => None,
    }
}
