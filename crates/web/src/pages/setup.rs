//! The first account, for whoever has the token that the server printed.

use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use memcard_domain::account::{self, SetUp, SetUpError, Username};
use memcard_domain::ports::UnitOfWorkExt as _;
use memcard_domain::secret::Secret;
use serde::Deserialize;

use super::page_error::PageError;
use super::render::{page, page_with, see_other};
use crate::accounts::setup_token_matches;
use crate::browser::browser_of;
use crate::cross_site;
use crate::error::ApiError;
use crate::input::{FormBody, QueryParams};
use crate::routing::Endpoints;
use crate::session_cookie;
use crate::state::State;

/// The page.
pub(super) fn endpoints(endpoints: &mut Endpoints) {
    endpoints.add_page(Method::GET, "/setup", show);
    endpoints.add_page(Method::POST, "/setup", create);
}

#[derive(Deserialize)]
struct Ticket {
    token: Option<String>,
}

#[derive(Deserialize)]
struct SetupForm {
    token: String,
    username: String,
    email: Option<String>,
    password: String,
}

#[derive(Template)]
#[template(path = "setup.html")]
struct SetupPage<'a> {
    token: &'a str,
    username: &'a str,
    email: &'a str,
    fault: Option<&'a str>,
}

async fn show(
    QueryParams(Ticket { token }): QueryParams<Ticket>,
    state: State,
) -> Result<HttpResponse, PageError> {
    if state.ports.store.read(account::is_set_up).await? {
        return Ok(see_other("/login"));
    }
    let token = token.unwrap_or_default();
    demand_token(&token, &state)?;
    Ok(page(&SetupPage { token: &token, username: "", email: "", fault: None }))
}

async fn create(
    FormBody(form): FormBody<SetupForm>,
    request: HttpRequest,
    state: State,
) -> Result<HttpResponse, PageError> {
    cross_site::demand_own_origin(&request)?;
    if state.ports.store.read(account::is_set_up).await? {
        return Ok(see_other("/login"));
    }
    demand_token(&form.token, &state)?;
    match set_up(&form, &state).await {
        Ok(user) => {
            let login = account::log_in_browser(&state.ports, &user, browser_of(&request)).await?;
            let mut answer = see_other("/");
            let (name, value) = session_cookie::set(&login.cookie, &state.settings);
            answer.headers_mut().append(name, value);
            Ok(answer)
        }
        Err(SetUpError::AlreadySetUp) => Ok(see_other("/login")),
        Err(SetUpError::Invalid(fault)) => Ok(again(&form, &fault.to_string())),
        Err(error) => Err(error.into()),
    }
}

async fn set_up(form: &SetupForm, state: &State) -> Result<account::User, SetUpError> {
    let command = SetUp {
        username: Username::new(&form.username)?,
        email: form.email.clone().filter(|email| !email.is_empty()),
        password: Secret::new(form.password.as_str()),
    };
    account::set_up(&state.ports, command).await
}

fn again(form: &SetupForm, fault: &str) -> HttpResponse {
    let page = SetupPage {
        token: &form.token,
        username: &form.username,
        email: form.email.as_deref().unwrap_or_default(),
        fault: Some(fault),
    };
    page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

fn demand_token(shown: &str, state: &State) -> Result<(), ApiError> {
    if setup_token_matches(shown, state) {
        return Ok(());
    }
    Err(ApiError::forbidden_because(
        "This is not the address for setting up. The server printed it when it started; open it as it stands there.",
    ))
}
