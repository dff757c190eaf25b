//! Logging in and out.

use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use memcard_domain::account;
use memcard_domain::ports::UnitOfWorkExt as _;
use memcard_domain::secret::Secret;
use serde::Deserialize;

use super::page_error::PageError;
use super::render::{local_path, page, page_with, see_other};
use super::visitor::{SignedIn, Visitor, is_signed_in};
use crate::accounts::log_in;
use crate::cross_site;
use crate::error::ApiError;
use crate::input::{FormBody, QueryParams};
use crate::routing::Endpoints;
use crate::session_cookie;
use crate::state::State;

/// The pages.
pub(super) fn endpoints(endpoints: &mut Endpoints) {
    endpoints.add_page(Method::GET, "/login", show);
    endpoints.add_page(Method::POST, "/login", begin);
    endpoints.add_page(Method::GET, "/logout", confirm);
    endpoints.add_page(Method::POST, "/logout", end);
}

#[derive(Deserialize)]
struct After {
    next: Option<String>,
}

#[derive(Deserialize)]
struct LoginForm {
    username: String,
    password: String,
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage<'a> {
    next: &'a str,
    username: &'a str,
    fault: Option<&'a str>,
    is_set_up: bool,
}

#[derive(Template)]
#[template(path = "logout.html")]
struct LogoutPage {
    visitor: Visitor,
}

async fn show(
    QueryParams(After { next }): QueryParams<After>,
    request: HttpRequest,
    state: State,
) -> Result<HttpResponse, PageError> {
    let next = local_path(next.as_deref());
    if is_signed_in(&request).await? {
        return Ok(see_other(next));
    }
    let is_set_up = state.ports.store.read(account::is_set_up).await?;
    Ok(page(&LoginPage { next, username: "", fault: None, is_set_up }))
}

async fn begin(
    FormBody(form): FormBody<LoginForm>,
    request: HttpRequest,
    state: State,
) -> Result<HttpResponse, PageError> {
    cross_site::demand_own_origin(&request)?;
    let next = local_path(form.next.as_deref());
    match log_in(&form.username, Secret::new(form.password), &request, &state).await {
        Ok(login) => {
            let mut answer = see_other(next);
            let (name, value) = session_cookie::set(&login.cookie, &state.settings);
            answer.headers_mut().append(name, value);
            Ok(answer)
        }
        Err(error) if error.status() == StatusCode::UNAUTHORIZED => Ok(again(&form.username, next)),
        Err(error) => Err(error.into()),
    }
}

fn again(username: &str, next: &str) -> HttpResponse {
    let fault = Some("Wrong name or password.");
    page_with(StatusCode::UNAUTHORIZED, &LoginPage { next, username, fault, is_set_up: true })
}

async fn confirm(SignedIn { visitor, .. }: SignedIn) -> HttpResponse {
    page(&LogoutPage { visitor })
}

async fn end(SignedIn { visitor, .. }: SignedIn, state: State) -> Result<HttpResponse, PageError> {
    let caller = visitor.caller;
    state.ports.store.transact(move |tx| account::log_out(tx, &caller)).await.map_err(ApiError::from)?;
    let mut answer = see_other("/login");
    let (name, value) = session_cookie::clear(&state.settings);
    answer.headers_mut().append(name, value);
    Ok(answer)
}
