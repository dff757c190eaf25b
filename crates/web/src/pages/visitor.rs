//! Who looks at a page.

use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::LocalBoxFuture;
use memcard_domain::account::{AuthenticateError, Caller, Scope, Shown, authenticate, csrf_token};
use memcard_domain::secret::Secret;

use super::page_error::PageError;
use crate::client_address::ClientAddress;
use crate::error::ApiError;
use crate::state::State;
use crate::{cross_site, session_cookie};

/// Somebody with a browser's session.
pub(super) struct Visitor {
    /// Who.
    pub(super) caller: Caller,
    csrf_token: Secret,
}

impl Visitor {
    /// What every form of theirs must carry.
    pub(super) fn csrf_token(&self) -> &str {
        self.csrf_token.expose()
    }

    /// Their name.
    pub(super) fn username(&self) -> &str {
        self.caller.user.username.as_str()
    }

    /// Whether the library's pages are for them.
    pub(super) fn keeps_library(&self) -> bool {
        self.caller.scopes().contains(Scope::TasksRun)
    }
}

/// A page's request by a visitor, and what else the page wants of it. Everybody else is sent to log in.
pub(super) struct SignedIn<T = ()> {
    /// Who.
    pub(super) visitor: Visitor,
    /// The rest.
    pub(super) input: T,
}

impl<T: FromRequest + 'static> FromRequest for SignedIn<T>
where
    T::Error: Into<actix_web::Error>,
{
    type Error = actix_web::Error;
    type Future = LocalBoxFuture<'static, Result<Self, actix_web::Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let (cookie, caller) = recognise(&request).await?.ok_or_else(|| sign_in(&request))?;
            cross_site::demand_token(&request, &cookie, &mut payload).await.map_err(PageError::from)?;
            let input = T::from_request(&request, &mut payload).await.map_err(Into::into)?;
            Ok(Self { visitor: Visitor { caller, csrf_token: csrf_token(&cookie) }, input })
        })
    }
}

/// Whether the request's cookie is somebody's session.
pub(super) async fn is_signed_in(request: &HttpRequest) -> Result<bool, PageError> {
    Ok(recognise(request).await?.is_some())
}

async fn recognise(request: &HttpRequest) -> Result<Option<(Secret, Caller)>, PageError> {
    let state = request.app_data::<State>().ok_or_else(ApiError::unknown_route)?;
    let Some(cookie) = session_cookie::read(request, &state.settings) else { return Ok(None) };
    let address = ClientAddress::of(request);
    match authenticate(&state.ports, Shown::Cookie(cookie.clone()), address.as_str()).await {
        Ok(caller) => Ok(Some((cookie, caller))),
        Err(AuthenticateError::Unknown) => Ok(None),
        Err(error) => Err(ApiError::from(error).into()),
    }
}

/// Whoever asked for a page sees it after logging in; a form that was sent is not sent again.
fn sign_in(request: &HttpRequest) -> PageError {
    let next = match *request.method() {
        Method::GET => request.uri().path_and_query().map_or("/", |path| path.as_str()),
        _ => "/",
    };
    PageError::SignIn { next: next.to_owned() }
}
